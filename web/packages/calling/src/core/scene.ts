// Geometry of the together view: seats in a scene of pixels, and the part of a picture that fills a seat. Pure.
import type { Seat } from '../wire';

/** The server says seats in ten-thousandths of the scene. */
const WHOLE = 10_000;
const LEAST = 16;
const MOST = 3_840;

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle in pixels. */
export interface Rect extends Size {
  readonly left: number;
  readonly top: number;
}

/** A scene as it is before anybody chose a size. */
export const SCENE: Size = { width: 1280, height: 720 };

/** A size that a scene can have, or nothing. */
export function sceneOf(wanted: Partial<Size> | undefined): Size | undefined {
  const side = (value: number | undefined): number => (Number.isFinite(value) ? Math.min(MOST, Math.max(LEAST, Math.round(value ?? 0))) : 0);
  const size = { width: side(wanted?.width), height: side(wanted?.height) };
  return size.width > 0 && size.height > 0 ? size : undefined;
}

/** A seat in a scene of this size. */
export function seatIn(scene: Size, { left, top, width, height }: Omit<Seat, 'participant'>): Rect {
  const across = (part: number): number => Math.round((part * scene.width) / WHOLE);
  const down = (part: number): number => Math.round((part * scene.height) / WHOLE);
  return { left: across(left), top: down(top), width: across(width), height: down(height) };
}

/** The middle part of a picture that has the seat's proportions. */
export function cover(picture: Size, seat: Size): Rect {
  const scale = Math.min(picture.width / seat.width, picture.height / seat.height);
  const [width, height] = [seat.width * scale, seat.height * scale];
  return { left: (picture.width - width) / 2, top: (picture.height - height) / 2, width, height };
}

/** Two letters at most for somebody without a picture. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter((word) => word !== '');
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words.slice(0, 1);
  return chosen.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase() ?? '').join('');
}
