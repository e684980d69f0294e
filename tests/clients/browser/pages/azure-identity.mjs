/** A page with @azure/identity, of which browsers get a few credentials only; tests drive it by `globalThis.identity`. */
import * as identity from '@azure/identity';

const facts = (error) => ({ refused: { name: error.name, message: error.message, statusCode: error.statusCode } });

globalThis.identity = {
  /** Asks for a token; the credential leads the page away to sign in, and takes the answer when the page is back and asks again. */
  interactively: (options, scopes) => new identity.InteractiveBrowserCredential({ ...options, loginStyle: 'redirect' }).getToken(scopes).catch(facts),

  /** A token by the credential of this name. */
  async token(name, given, scopes) {
    try {
      return await new identity[name](...given).getToken(scopes);
    } catch (error) {
      return facts(error);
    }
  },

  /** Which credentials say that browsers cannot have them. */
  unsupported: () =>
    Object.entries(identity)
      .filter(([name]) => name.endsWith('Credential'))
      .filter(([, Credential]) => {
        try {
          new Credential();
          return false;
        } catch (error) {
          return /not supported in (the )?browser/i.test(error.message);
        }
      })
      .map(([name]) => name),
};
