/** A spoken sentence as a microphone: Debian's recording for its recogniser ("go forward ten meters"), said again and again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const RECORDING = '/usr/share/pocketsphinx/test/data/goforward.raw';
const RATE = 16_000;

/** What is said. */
export const SENTENCE = 'go forward ten meters';

/** Writes the sentence between silences as a WAV file; the browser plays it in a loop. */
export function spoken(dir: string): string {
  const silence = Buffer.alloc(RATE * 2 * 1.5);
  const sound = Buffer.concat([silence, readFileSync(RECORDING), silence]);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + sound.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(sound.length, 40);
  const file = join(dir, 'spoken.wav');
  writeFileSync(file, Buffer.concat([header, sound]));
  return file;
}
