// Statistics of a call's media: what one sample says, and what many samples sum up to.

/** How often statistics are gathered. */
export interface MediaStatsCollectorOptions {
  /** Seconds that become one data point (default 10). */
  aggregationInterval?: number;
  /** Data points of one summary (default 6); a summary comes every `aggregationInterval * dataPointsPerAggregation` seconds. */
  dataPointsPerAggregation?: number;
}

/** One data point after the other; every list is as long as `dataPointsPerAggregation`. */
export type MediaStatsAggregation = {
  /** Samples in the data point. */
  count: number[];
  sum: number[];
  min: number[];
  max: number[];
};

/** What a value was in the time that a summary is about. */
export type MediaStatValue<T> = {
  /** For numbers. */
  aggregation?: MediaStatsAggregation;
  /** The latest sample, in each data point. */
  raw: T[];
  /** When the summary was made. */
  timestamp: Date;
};

/** Sent audio. Bit rates are bits per second; counts are of the whole call. */
export interface OutgoingAudioMediaStats<NumberType, StringType> {
  id: string;
  codecName?: StringType;
  bitrate?: NumberType;
  jitterInMs?: NumberType;
  packets?: NumberType;
  packetsPerSecond?: NumberType;
  packetsLost?: NumberType;
  packetsLostPerSecond?: NumberType;
  rttInMs?: NumberType;
  /** 0 to 65535. */
  audioInputLevel?: NumberType;
  transportId?: StringType;
}

/** Received audio. */
export interface IncomingAudioMediaStats<NumberType, StringType> {
  id: string;
  codecName?: StringType;
  bitrate?: NumberType;
  jitterInMs?: NumberType;
  packets?: NumberType;
  packetsPerSecond?: NumberType;
  packetsLost?: NumberType;
  packetsLostPerSecond?: NumberType;
  rttInMs?: NumberType;
  jitterBufferDelayInMs?: NumberType;
  /** 0 to 65535. */
  audioOutputLevel?: NumberType;
  /** Part of the samples that had to be made up, 0 to 1. */
  healedRatio?: NumberType;
  transportId?: StringType;
}

/** Sent video: the largest layer, with the smaller ones in `altLayouts`. */
export interface OutgoingVideoMediaStats<NumberType, StringType> {
  id: string;
  codecName?: StringType;
  bitrate?: NumberType;
  jitterInMs?: NumberType;
  packets?: NumberType;
  packetsPerSecond?: NumberType;
  packetsLost?: NumberType;
  packetsLostPerSecond?: NumberType;
  rttInMs?: NumberType;
  frameRateInput?: NumberType;
  frameWidthInput?: NumberType;
  frameHeightInput?: NumberType;
  framesEncoded?: NumberType;
  frameRateEncoded?: NumberType;
  framesSent?: NumberType;
  frameRateSent?: NumberType;
  frameWidthSent?: NumberType;
  frameHeightSent?: NumberType;
  keyFramesEncoded?: NumberType;
  transportId?: StringType;
  altLayouts?: OutgoingVideoMediaStats<NumberType, StringType>[];
}

/** Received video. */
export interface IncomingVideoMediaStats<NumberType, StringType> {
  id: string;
  codecName?: StringType;
  bitrate?: NumberType;
  jitterInMs?: NumberType;
  packets?: NumberType;
  packetsPerSecond?: NumberType;
  packetsLost?: NumberType;
  packetsLostPerSecond?: NumberType;
  rttInMs?: NumberType;
  /** The `id` of the remote video stream. */
  streamId?: NumberType;
  jitterBufferDelayInMs?: NumberType;
  frameRateDecoded?: NumberType;
  frameRateReceived?: NumberType;
  frameWidthReceived?: NumberType;
  frameHeightReceived?: NumberType;
  longestFreezeDurationInMs?: NumberType;
  totalFreezeDurationInMs?: NumberType;
  framesReceived?: NumberType;
  framesDropped?: NumberType;
  framesDecoded?: NumberType;
  keyFramesDecoded?: NumberType;
  transportId?: StringType;
}

/** Sent screen. */
export type OutgoingScreenShareMediaStats<NumberType, StringType> = OutgoingVideoMediaStats<NumberType, StringType>;
/** Received screen. */
export type IncomingScreenShareMediaStats<NumberType, StringType> = IncomingVideoMediaStats<NumberType, StringType>;

/** The way to the server. */
export interface TransportMediaStats<NumberType> {
  id: string;
  rttInMs?: NumberType;
  availableIncomingBitrate?: NumberType;
  availableOutgoingBitrate?: NumberType;
}

/** Both directions of one medium. */
interface Directions<TSend, TReceive> {
  send: TSend[];
  receive: TReceive[];
}

/** All media, with these values. */
interface Report<N, S> {
  audio: Directions<OutgoingAudioMediaStats<N, S>, IncomingAudioMediaStats<N, S>>;
  video: Directions<OutgoingVideoMediaStats<N, S>, IncomingVideoMediaStats<N, S>>;
  screenShare: Directions<OutgoingScreenShareMediaStats<N, S>, IncomingScreenShareMediaStats<N, S>>;
  transports: TransportMediaStats<N>[];
}

/** One sample. */
export type MediaStatsReportSample = Report<number, string>;
/** Many samples, summed up. */
export type MediaStatsReportSummary = Report<MediaStatValue<number>, MediaStatValue<string>>;

/** Listener of `sampleReported`. */
export type MediaStatsReportSampleEvent = (args: MediaStatsReportSample) => void;
/** Listener of `summaryReported`. */
export type MediaStatsReportSummaryEvent = (args: MediaStatsReportSummary) => void;
