// The clients of an application's backend, run in a page all the same: what a tool for administrators would do.
import { CommunicationIdentityClient } from '@azure/communication-identity';
import { RoomsClient } from '@azure/communication-rooms';

const settled = async (work) => {
  try {
    return await work();
  } catch (error) {
    return { refused: { statusCode: error.statusCode, code: error.code } };
  }
};

globalThis.resource = {
  identity: (connectionString, method, ...args) => settled(() => new CommunicationIdentityClient(connectionString)[method](...args)),
  rooms: (connectionString, method, ...args) => settled(() => new RoomsClient(connectionString)[method](...args)),
};
