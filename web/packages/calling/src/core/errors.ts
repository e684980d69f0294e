// The error of the SDK, its catalogue of client-made failures, and the end reasons made from either.
//
// The server's refusals arrive with their numbers and sentences and are passed on; only what the server cannot say is made here.
import type { CallEndReason, CommunicationServicesError, FixableBy } from '../public/types/common';
import type { Refusal } from '../wire';

interface ErrorDetails {
  code: number;
  subCode: number;
  message: string;
  name: string;
  cause?: string;
  fixableBy?: FixableBy;
  policy?: string | null;
}

/** A failed operation. */
export class CallingError extends Error implements CommunicationServicesError {
  readonly code: number;
  readonly subCode: number;
  readonly reason: string;
  readonly fixableBy: FixableBy | undefined;
  readonly policy: string | undefined;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CommunicationServicesError';
    this.code = details.code;
    this.subCode = details.subCode;
    this.reason = details.name;
    this.fixableBy = details.fixableBy;
    this.policy = details.policy ?? undefined;
  }
}

const FAILURES = {
  noServer: [400, 40102, 'The access token does not name a server; pass `signalUrl` to the call client or use a token of this service.', 'application'],
  invalidToken: [401, 10009, 'The access token could not be read; provide a new one.', 'application'],
  tokenProviderFailed: [401, 44110, 'The application did not provide an access token.', 'application'],
  tokenProviderTimeout: [408, 40101, 'The application did not provide an access token in time.', 'application'],
  agentConnectTimeout: [408, 40104, 'The server did not answer; check the network and try again.', 'operator'],
  serverUnreachable: [408, 40114, 'The server could not be reached; check the network and the address in the token.', 'operator'],
  clientDisposed: [412, 40115, 'The call client was disposed while the agent was being created; create another client.', 'application'],
  agentCreationFailed: [500, 40216, 'The agent could not be created.', 'operator'],
  agentExists: [409, 40228, 'This client already has an agent for this identity; dispose it first.', 'application'],
  teamsAgentExists: [409, 40230, 'This client already has an agent for this member; dispose it first.', 'application'],
  ringGone: [487, 0, 'The call stopped ringing while the connection was lost.', 'you'],
  invalidCallee: [400, 10044, 'Name one to twenty people to call: communication users or members of the organisation.', 'application'],
  transferTargetUnknown: [404, 45801, 'There is no live call with this id; pass the id of another call of this agent.', 'application'],
  agentDisposed: [400, 40601, 'The agent is disposed; create another one.', 'application'],
  invalidLocator: [400, 5751, 'Invalid meeting link', 'you'],
  requestTimeout: [408, 10057, 'The server did not answer in time; try again.', 'operator'],
  connectionLost: [410, 3100, 'The connection to the server was lost.', 'operator'],
  networkGone: [490, 4502, 'The call ended because the network did not come back.', 'you'],
  protocol: [500, 40900, 'The server sent something this version of the SDK cannot read; update the SDK.', 'application'],
  callEnded: [400, 41000, 'The call has ended.', 'application'],
  tooManyWaiting: [429, 45811, 'More is waiting to be sent than the connection carries; wait for the promises to settle.', 'application'],
  dataTooLarge: [400, 45812, 'A message of a data channel holds at most maxMessageSizeInBytes.', 'application'],
  dataChannelNumber: [400, 45813, 'A channel number is a whole number from 0 to 65535.', 'application'],
  dataChannelTaken: [409, 45814, 'There is a sender for this channel number; close it first.', 'application'],
  dataChannelClosed: [400, 45815, 'The data channel is closed; create another sender.', 'application'],
  unknownReaction: [400, 45005, 'The reaction is none of like, heart, laugh, surprised and applause.', 'application'],
  breakoutRoomClosed: [409, 5930, 'This breakout room is not open; it is joined while its state is open.', 'organizer'],
  breakoutReturnDisabled: [403, 45830, 'People stay in their breakout rooms until these close.', 'organizer'],
  mediaAccessNotConnected: [412, 46505, 'Media access is changed while the call is connected.', 'application'],
  surveyInvalid: [400, 46722, 'The survey does not make sense.', 'application'],
  surveyWithoutCall: [412, 46724, 'The survey cannot be kept: the server never took this call.', 'application'],
  notConnected: [412, 41071, 'The call is not connected yet; wait for the state Connected.', 'application'],
  notSupported: [400, 45800, 'This is not supported by this server.', 'nobody'],
  startVideoDuplicate: [400, 41027, 'A video stream is already being sent; stop it first.', 'application'],
  startVideoEnded: [400, 41025, 'A video cannot be started: the call has ended.', 'application'],
  stopVideoEnded: [400, 41032, 'A video cannot be stopped: the call has ended.', 'application'],
  muteFailed: [500, 41015, 'The microphone could not be muted.', 'operator'],
  unmuteFailed: [400, 41016, 'The microphone could not be unmuted: the call has ended.', 'application'],
  holdFailed: [500, 41033, 'The call cannot be held now; it must be connected.', 'application'],
  resumeFailed: [500, 41034, 'The call cannot be resumed now; it must be on hold here.', 'application'],
  acceptFailed: [400, 41006, 'The incoming call cannot be accepted: it rings no longer.', 'application'],
  rejectFailed: [400, 41007, 'The incoming call cannot be rejected: it rings no longer.', 'application'],
  stopVideoUnknown: [400, 41030, 'This video stream is not being sent.', 'application'],
  screenShareEnded: [400, 41035, 'The screen cannot be shared: the call has ended.', 'application'],
  screenShareRunning: [400, 41041, 'The screen is already being shared; stop it first.', 'application'],
  screenShareCancelled: [412, 41043, 'Nothing was chosen to be shared.', 'you'],
  screenDeniedBySystem: [412, 41044, 'The operating system does not let the browser record the screen; allow it there.', 'you'],
  screenShareFailed: [412, 41042, 'The screen could not be captured.', 'you'],
  cameraInUse: [412, 43000, 'The camera is in use by another application; close that and try again.', 'you'],
  cameraDenied: [403, 43001, 'The camera is not permitted; allow it in the settings of the browser.', 'you'],
  cameraMissing: [412, 43013, 'The camera was not found; plug it in or choose another one.', 'you'],
  cameraTimeout: [412, 43015, 'The camera did not start in time; unplug it and plug it in again, or choose another one.', 'you'],
  cameraDeniedBySystem: [412, 43016, 'The operating system does not let the browser use the camera; allow it there.', 'you'],
  microphoneTimeout: [412, 43019, 'The microphone did not start in time; unplug it and plug it in again, or choose another one.', 'you'],
  microphoneDenied: [403, 43014, 'The microphone is not permitted; allow it in the settings of the browser.', 'you'],
  microphoneUnavailable: [412, 43021, 'The microphone cannot be used; check permission and device.', 'you'],
  devicePermission: [400, 40613, 'The browser could not be asked for permission; the page must be served over HTTPS.', 'application'],
  deviceUnknown: [400, 40612, 'This device is not known; choose one that the device manager lists.', 'application'],
  speakerSelection: [405, 40606, 'This browser does not let a page choose the speaker.', 'nobody'],
  speakerTimeout: [408, 40607, 'The speaker could not be changed in time; choose another one.', 'you'],
  deviceListTimeout: [408, 40608, 'The browser did not list the devices in time.', 'you'],
  streamNotAvailable: [404, 43200, 'The stream is not available; wait until isAvailable is true.', 'application'],
  streamGone: [404, 43202, 'The stream is no longer available.', 'application'],
  streamTimeout: [408, 43203, 'The stream did not arrive in time; try again.', 'operator'],
  rendererDisposing: [405, 43209, 'The renderer was disposed while its view was being made.', 'application'],
  rendererDisposed: [400, 43210, 'The renderer is already disposed.', 'application'],
  rendererBusy: [400, 43211, 'The renderer already has a view; dispose it first.', 'application'],
  streamDisposed: [400, 43017, 'The local stream is disposed; create another one.', 'application'],
  effectFailed: [412, 43020, 'The effect could not be started; stop it, or start it again.', 'you'],
  localMediaLost: [500, 43018, 'Media could not be connected.', 'operator'],
} as const satisfies Record<string, readonly [number, number, string, FixableBy]>;

/** Names of failures that the SDK itself can state. */
export type FailureName = keyof typeof FAILURES;

/** Makes the error of a client-made failure. */
export function failure(name: FailureName, cause?: unknown): CallingError {
  const [code, subCode, message, fixableBy] = FAILURES[name];
  const detail = cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : undefined;
  return new CallingError({ code, subCode, message, name, fixableBy, ...(detail === undefined ? {} : { cause: detail }) });
}

/** Makes the error of something that does not exist here; the sentence says what. */
export function unsupported(message: string): CallingError {
  const [code, subCode, , fixableBy] = FAILURES.notSupported;
  return new CallingError({ code, subCode, message, name: 'notSupported', fixableBy });
}

/** Makes the error of a refusal. */
export function errorFromRefusal(refusal: Refusal): CallingError {
  return new CallingError(refusal);
}

/** Makes an end reason of a refusal. */
export function endReasonFromRefusal(refusal: Refusal): CallEndReason {
  return {
    code: refusal.code,
    subCode: refusal.subCode,
    message: refusal.message,
    resultCategories: [refusal.code === 0 ? 'Success' : 'ExpectedError'],
    name: refusal.name,
    cause: refusal.cause,
    fixableBy: refusal.fixableBy,
    ...(refusal.policy == null ? {} : { policy: refusal.policy }),
  };
}

/** Makes an end reason of any error. */
export function endReasonFromError(error: unknown): CallEndReason {
  const known = error instanceof CallingError ? error : failure('protocol', error);
  return {
    code: known.code,
    subCode: known.subCode,
    message: known.message,
    resultCategories: ['ExpectedError'],
    name: known.reason,
    ...(typeof known.cause === 'string' ? { cause: known.cause } : {}),
    ...(known.fixableBy === undefined ? {} : { fixableBy: known.fixableBy }),
    ...(known.policy === undefined ? {} : { policy: known.policy }),
  };
}

/** The reason of an ordinary local hang-up. */
export const LOCAL_HANG_UP: CallEndReason = Object.freeze({
  code: 0,
  subCode: 0,
  message: 'The call was hung up here.',
  resultCategories: ['Success'],
  name: 'localHangUp',
});
