/** A page that signs in with @azure/msal-browser; tests drive it by `globalThis.msal`. */
import { InteractionRequiredAuthError, PublicClientApplication } from '@azure/msal-browser';

globalThis.msal = {
  /** Makes the application and takes what came back by redirect. */
  async start(auth) {
    const application = new PublicClientApplication({ auth, cache: { cacheLocation: 'sessionStorage' } });
    await application.initialize();
    globalThis.application = application;
    try {
      const result = await application.handleRedirectPromise();
      return result && { username: result.account.username, accessToken: result.accessToken, state: result.state };
    } catch (error) {
      return { error: error.errorCode, subError: error.subError };
    }
  },
  signIn: (request) => globalThis.application.loginRedirect(request),
  signOut: (postLogoutRedirectUri) => globalThis.application.logoutRedirect({ postLogoutRedirectUri }),
  async inFrame(request) {
    try {
      const { accessToken, account } = await globalThis.application.ssoSilent(request);
      return { accessToken, username: account.username };
    } catch (error) {
      return { error: error.errorCode, interaction: error instanceof InteractionRequiredAuthError };
    }
  },
  accounts: () => globalThis.application.getAllAccounts().map(({ username }) => username),
  async silently(request) {
    const [account] = globalThis.application.getAllAccounts();
    try {
      const { accessToken, fromCache } = await globalThis.application.acquireTokenSilent({ account, ...request });
      return { accessToken, fromCache };
    } catch (error) {
      return { error: error.errorCode, interaction: error instanceof InteractionRequiredAuthError };
    }
  },
};
