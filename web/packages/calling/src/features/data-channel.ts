// Data channels: messages of an application to the same application of others, carried by the server to those whom the sender names.
//
// Owns: the senders and receivers of one call. Invariants: messages of a sender have growing numbers; a durable message is sent again until the
// server took it, in order, a lossy one once; what a receiver does not read in time is bounded: the oldest messages go. Everything is closed
// when the call is over, a receiver also when its sender leaves.
import type { CommunicationIdentifier, CommunicationIdentifierKind } from '@azure/communication-common';

import { fromBase64, toBase64 } from '../core/base64';
import { Emitter, bindMethods } from '../core/emitter';
import { CallingError, failure } from '../core/errors';
import type { MeetingMirror, Said } from '../core/mirror';
import { identifierOf, rawIdOf } from '../core/roles';
import type {
  DataChannelCallFeature,
  DataChannelMessage,
  DataChannelReceiver,
  DataChannelSender,
  DataChannelSenderOptions,
} from '../public/types/features-media';
import type { CallContext } from '../session/context';
import type { RequestBody } from '../wire';
import { Feature } from './feature';

/** Bytes of one message. */
const MOST_BYTES = 32 * 1024;
const CHANNELS = 65_536;
/** Messages that a receiver keeps until they are read, and bytes that all receivers of one sender keep. */
const MOST_UNREAD = 1_000;
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;
/** Channels of one sender; messages of further ones are dropped. */
const MOST_RECEIVERS = 256;
/** Durable messages of one sender that may wait. */
const MOST_WAITING = 1_000;
const AGAIN_MS = 100;
const TOO_FAST = 'tooFast';

class Receiver extends Emitter<{ messageReady: () => void; close: () => void }> implements DataChannelReceiver {
  private readonly unread: DataChannelMessage[] = [];
  private bytes = 0;

  constructor(
    readonly senderParticipantIdentifier: CommunicationIdentifierKind,
    readonly channelId: number,
  ) {
    super();
  }

  /** Bytes that wait to be read. */
  get kept(): number {
    return this.bytes;
  }

  readMessage(): DataChannelMessage | undefined {
    const message = this.unread.shift();
    this.bytes -= message?.data.byteLength ?? 0;
    return message;
  }

  take(message: DataChannelMessage): void {
    if (this.unread.length >= MOST_UNREAD) this.readMessage();
    this.unread.push(message);
    this.bytes += message.data.byteLength;
    this.emit('messageReady');
  }

  end(): void {
    this.emit('close');
    this.clearListeners();
  }
}

class Sender implements DataChannelSender {
  readonly channelId: number;
  readonly maxMessageSize = MOST_BYTES;
  readonly maxMessageSizeInBytes = MOST_BYTES;
  private readonly lossy: boolean;
  private to: readonly string[];
  private sequence = 0;
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();
  private closed = false;
  private cancelAgain: () => void = () => undefined;

  constructor(
    private readonly context: CallContext,
    channelId: number,
    options: DataChannelSenderOptions,
    private readonly onClosed: () => void,
  ) {
    this.channelId = channelId;
    this.lossy = options.reliability !== 'Durable';
    this.to = (options.participants ?? []).map(rawIdOf);
    bindMethods(this);
  }

  setParticipants(participants: CommunicationIdentifier[]): void {
    this.to = participants.map(rawIdOf);
  }

  sendMessage(data: Uint8Array): Promise<void> {
    if (this.closed) return Promise.reject(failure('dataChannelClosed'));
    if (data.byteLength > MOST_BYTES) return Promise.reject(failure('dataTooLarge'));
    if (this.waiting >= MOST_WAITING) return Promise.reject(failure('tooManyWaiting'));
    this.sequence += 1;
    const body: RequestBody = {
      type: 'sendData',
      channel: this.channelId,
      sequence: this.sequence,
      lossy: this.lossy,
      participants: [...this.to],
      data: toBase64(data),
    };
    if (this.lossy) return this.context.request(body).then(() => undefined);
    this.waiting += 1;
    const sent = this.last.then(async () => {
      try {
        await this.persist(() => this.context.request(body));
      } finally {
        this.waiting -= 1;
      }
    });
    this.last = sent.catch(() => undefined);
    return sent;
  }

  close(): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      this.cancelAgain();
      this.onClosed();
    }
    return Promise.resolve();
  }

  /** Asks until the server takes it. */
  private async persist(send: () => Promise<unknown>): Promise<void> {
    for (;;) {
      if (this.closed) throw failure('dataChannelClosed');
      try {
        await send();
        return;
      } catch (error) {
        if (!(error instanceof CallingError) || error.reason !== TOO_FAST) throw error;
      }
      await new Promise<void>((resolve) => {
        const cancel = this.context.platform.after(AGAIN_MS, resolve);
        this.cancelAgain = () => {
          cancel();
          resolve();
        };
      });
    }
  }
}

/** Sends and receives messages of an application. */
export class DataChannel extends Feature<{ dataChannelReceiverCreated: (receiver: DataChannelReceiver) => void }> implements DataChannelCallFeature {
  readonly name = 'DataChannel';
  private readonly senders = new Map<number, Sender>();
  private readonly receivers = new Map<string, Map<number, Receiver>>();

  constructor(context: CallContext) {
    super(context);
    this.follow('said', (event) => { this.hear(event); });
    this.follow('mirrored', (previous, next) => { this.dropThoseWhoLeft(previous, next); });
    this.follow('over', () => { this.end(); });
  }

  createDataChannelSender(options: DataChannelSenderOptions = {}): DataChannelSender {
    const channelId = options.channelId ?? this.freeChannel();
    if (!Number.isInteger(channelId) || channelId < 0 || channelId >= CHANNELS) throw failure('dataChannelNumber');
    if (this.senders.has(channelId)) throw failure('dataChannelTaken');
    const sender = new Sender(this.context, channelId, options, () => { this.senders.delete(channelId); });
    this.senders.set(channelId, sender);
    return sender;
  }

  override dispose(): void {
    this.end();
    super.dispose();
  }

  /** From above, where applications that choose numbers themselves seldom are. */
  private freeChannel(): number {
    let channel = CHANNELS - 1;
    while (channel > 0 && this.senders.has(channel)) channel -= 1;
    return channel;
  }

  private hear(event: Said): void {
    if (event.type !== 'data') return;
    const { participant, channel, sequence, data } = event.message;
    const bytes = fromBase64(data);
    // Whoever sends something else than base64 goes around the SDK; there is nobody to tell.
    if (bytes === undefined) return;
    const ofSender = this.receivers.get(participant) ?? new Map<number, Receiver>();
    this.receivers.set(participant, ofSender);
    let receiver = ofSender.get(channel);
    if (receiver === undefined) {
      if (ofSender.size >= MOST_RECEIVERS) return;
      receiver = new Receiver(identifierOf(participant), channel);
      ofSender.set(channel, receiver);
      this.emit('dataChannelReceiverCreated', receiver);
    }
    // The oldest of this channel go first; when the other channels fill the share alone, the new message goes.
    const others = [...ofSender.values()].reduce((sum, one) => sum + one.kept, 0) - receiver.kept;
    while (others + receiver.kept + bytes.byteLength > MOST_UNREAD_BYTES && receiver.readMessage() !== undefined);
    if (others + bytes.byteLength <= MOST_UNREAD_BYTES) receiver.take({ sequenceNumber: sequence, data: bytes });
  }

  private dropThoseWhoLeft(previous: MeetingMirror, next: MeetingMirror): void {
    if (previous.participants === next.participants) return;
    for (const [id, ofSender] of this.receivers) {
      if (next.participants.has(id)) continue;
      this.receivers.delete(id);
      for (const receiver of ofSender.values()) receiver.end();
    }
  }

  private end(): void {
    for (const sender of [...this.senders.values()]) void sender.close();
    for (const ofSender of this.receivers.values()) for (const receiver of ofSender.values()) receiver.end();
    this.receivers.clear();
  }
}
