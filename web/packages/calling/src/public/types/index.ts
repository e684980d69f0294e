// All public types.
export type * from './breakout';
export type * from './call';
export type * from './common';
export type * from './devices';
export type * from './effects';
export type * from './feature-base';
export type * from './features-media';
export type * from './features-meeting';
export type * from './listeners';
export type * from './locators';
export type * from './media-stats';
export type * from './participants';
export type * from './settings';
export type * from './streams';
