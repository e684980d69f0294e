// Pictures for reactions, which the application has to bring: strips of frames, drawn here.
import type { ReactionResources } from '@azure/communication-react';

const SIZE = 128;

function strip(symbol: string): { url: string; frameCount: number; size: number } {
  const frames = [0, 1].map(
    (frame) => `<text x="64" y="${String(SIZE * frame + 96)}" font-size="${String(88 + 8 * frame)}" text-anchor="middle">${symbol}</text>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${String(SIZE)}" height="${String(SIZE * frames.length)}">${frames.join('')}</svg>`;
  return { url: `data:image/svg+xml,${encodeURIComponent(svg)}`, frameCount: frames.length, size: SIZE };
}

export const REACTIONS: ReactionResources = {
  likeReaction: strip('👍'),
  heartReaction: strip('❤'),
  laughReaction: strip('😄'),
  applauseReaction: strip('👏'),
  surprisedReaction: strip('😮'),
};
