// Streams, volume and views. The classes `LocalVideoStream`, `LocalAudioStream` and `VideoStreamRenderer` are in their own files.
import type { EventSource, MediaStreamType, PropertyChangedEvent, ScalingMode } from './common';
import type { AudioSourceChangedEvent, VideoSourceChangedEvent } from './listeners';

/** Size of a video in pixels. */
export interface StreamSize {
  width: number;
  height: number;
}

/** Events of a remote video stream. */
export interface RemoteVideoStreamEvents {
  isAvailableChanged: PropertyChangedEvent;
  isReceivingChanged: PropertyChangedEvent;
  /** Beyond the established interface. */
  isPausedChanged: PropertyChangedEvent;
  sizeChanged: PropertyChangedEvent;
}

/** What somebody else shows: their camera or their screen. */
export interface RemoteVideoStream extends EventSource<RemoteVideoStreamEvents> {
  /** Number of the stream, unique in the call. */
  readonly id: number;
  readonly mediaStreamType: MediaStreamType;
  /** Whether it is being sent; a renderer may be made while this is true. */
  readonly isAvailable: boolean;
  /** Whether frames arrive; true only while somebody renders it. It stays as it was while every view is out of sight. */
  readonly isReceiving: boolean;
  /** Whether the server holds it back because the connection is too weak for everything that is rendered; beyond the established interface. */
  readonly isPaused: boolean;
  /** Size as sent; zero while unknown. */
  readonly size: StreamSize;
  /** The stream as the browser has it; keeps the stream subscribed until it ends. */
  getMediaStream(): Promise<MediaStream>;
}

/** Loudness of a stream. */
export interface Volume extends EventSource<{ levelChanged: PropertyChangedEvent }> {
  /** 0 to 100. */
  readonly level: number;
}

/** The audio of the call. */
export interface RemoteAudioStream {
  readonly id?: number;
  getMediaStream(): Promise<MediaStream>;
  getVolume(): Promise<Volume>;
}

/** Options of a local video stream. */
export interface LocalVideoStreamOptions {
  /** Whether the stream is disposed when its call ends; true unless said. */
  autoDisposeOnCallEnd?: boolean;
}

/** Events of a local video stream. */
export interface LocalVideoStreamEvents {
  /** The stream itself, with its new `source`. */
  videoSourceChanged: VideoSourceChangedEvent;
}

/** Events of a local audio stream. */
export interface LocalAudioStreamEvents {
  /** The stream itself, with its new `source`. */
  audioSourceChanged: AudioSourceChangedEvent;
}

/** How to show a stream. */
export interface CreateViewOptions {
  scalingMode?: ScalingMode;
  /** Mirrored left to right; a local camera is unless said. */
  isMirrored?: boolean;
}

/** A stream on the page. */
export interface VideoStreamRendererView {
  readonly scalingMode: ScalingMode;
  readonly isMirrored: boolean;
  /** The element to put into the page. */
  readonly target: HTMLElement;
  updateScalingMode(scalingMode: ScalingMode): Promise<void>;
  dispose(): void;
}
