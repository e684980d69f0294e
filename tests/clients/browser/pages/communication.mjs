/**
 * What an application's page does with the clients of identities, rooms and relays and an access key (no page should have one; that it works is a
 * matter of CORS), and with the common credential, which is made for pages.
 */
import { AzureCommunicationTokenCredential } from '@azure/communication-common';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import { CommunicationRelayClient } from '@azure/communication-network-traversal';
import { RoomsClient } from '@azure/communication-rooms';
import { AzureKeyCredential } from '@azure/core-auth';

/** The facts of an error that a client threw; errors themselves do not leave a page. */
const facts = (error) => ({
  statusCode: error.statusCode,
  code: error.code,
  errorCode: error.response?.headers.get('x-ms-error-code'),
  clientRequestId: error.response?.headers.get('x-ms-client-request-id'),
  retryAfter: error.response?.headers.get('retry-after'),
});

const failure = (promise) => promise.then(() => undefined, facts);

const all = async (pages) => {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
};

globalThis.communication = {
  async identity(connectionString) {
    const client = new CommunicationIdentityClient(connectionString);
    const user = await client.createUser();
    const { token } = await client.getToken(user, ['chat', 'voip']);
    await client.revokeTokens(user);
    const withToken = await client.createUserAndToken(['voip']);
    await client.deleteUser(withToken.user);
    const failures = {
      'identity.createWithToken': await failure(client.createUserAndToken(['voip'], { tokenExpiresInMinutes: 59 })),
      'identity.issueToken': await failure(client.getToken(withToken.user, ['voip'])),
      'identity.revokeTokens': await failure(client.revokeTokens(withToken.user)),
      'identity.delete': await failure(client.deleteUser({ communicationUserId: '8:acs:elsewhere_nobody' })),
    };
    return { user, token, withToken: withToken.token, failures };
  },

  async exchange(connectionString, options) {
    const client = new CommunicationIdentityClient(connectionString);
    const { token } = await client.getTokenForTeamsUser(options);
    return { token, failure: await failure(client.getTokenForTeamsUser({ ...options, teamsUserAadToken: 'e30.e30.e30' })) };
  },

  /** The token of the common credential, which exchanges `accessToken` for it. */
  async credential(resourceEndpoint, accessToken, scopes) {
    const asked = [];
    const getToken = async (wanted) => {
      asked.push([wanted].flat());
      return { token: accessToken, expiresOnTimestamp: Date.now() + 600_000 };
    };
    const credential = new AzureCommunicationTokenCredential({ resourceEndpoint, tokenCredential: { getToken }, ...(scopes && { scopes }) });
    try {
      return { asked, ...(await credential.getToken()) };
    } catch (error) {
      return { refused: error.message };
    } finally {
      credential.dispose();
    }
  },

  async relay(connectionString, options, wrong) {
    const client = new CommunicationRelayClient(connectionString);
    return { configuration: await client.getRelayConfiguration(options), failure: await failure(client.getRelayConfiguration(wrong)) };
  },

  async rooms(connectionString, user) {
    const client = new RoomsClient(connectionString);
    const room = await client.createRoom({ participants: [{ id: user, role: 'Presenter' }] });
    const read = await client.getRoom(room.id);
    const changed = await client.updateRoom(room.id, { pstnDialOutEnabled: true });
    await client.addOrUpdateParticipants(room.id, [{ id: user, role: 'Consumer' }]);
    const people = await all(client.listParticipants(room.id));
    await client.removeParticipants(room.id, [user]);
    const nobody = await all(client.listParticipants(room.id));
    const listed = (await all(client.listRooms())).some(({ id }) => id === room.id);
    await client.deleteRoom(room.id);
    const failures = {
      'rooms.create': await failure(client.createRoom({ validUntil: new Date(0) })),
      'rooms.get': await failure(client.getRoom(room.id)),
      'rooms.update': await failure(client.updateRoom(room.id, {})),
      'rooms.delete': await failure(client.deleteRoom(room.id)),
      'rooms.listParticipants': await failure(all(client.listParticipants(room.id))),
      'rooms.addOrUpdateParticipants': await failure(client.addOrUpdateParticipants(room.id, [{ id: user }])),
      'rooms.removeParticipants': await failure(client.removeParticipants(room.id, [user])),
    };
    return { id: room.id, same: read.id, dials: changed.pstnDialOutEnabled, roles: people.map(({ role }) => role), nobody: nobody.length, listed, failures };
  },

  async withWrongKey(endpoint) {
    const credential = new AzureKeyCredential(btoa('another key'));
    return {
      'identity.create': await failure(new CommunicationIdentityClient(endpoint, credential).createUser()),
      'rooms.list': await failure(all(new RoomsClient(endpoint, credential).listRooms())),
    };
  },

  async tooOften(endpoint, key) {
    const options = { retryOptions: { maxRetries: 0 }, allowInsecureConnection: true };
    const client = new CommunicationIdentityClient(endpoint, new AzureKeyCredential(key), options);
    for (let tries = 0; tries < 5; tries += 1) {
      const refusal = await failure(client.createUser());
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  },
};
