import { expect, test } from 'vitest';

import { organizerOf } from '../server/join-url.mjs';

const OID = '6f0b8b1e-22c5-4f0e-9c40-1d8f5f4c9b01';
const context = (value) => encodeURIComponent(JSON.stringify(value));
const link = (value) => `https://meet.example.org/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=${context(value)}`;

test('the organizer is read from a long join link', () => {
  expect(organizerOf(link({ Tid: 't', Oid: OID }))).toBe(OID);
});

test.each([
  ['no link', 'hello'],
  ['a short link', 'https://meet.example.org/meet/391204?p=x'],
  ['a link without a context', 'https://meet.example.org/l/meetup-join/19%3ax%40thread.v2/0'],
  ['a context that is no JSON', 'https://meet.example.org/l/meetup-join/x/0?context=%7b'],
  ['a context that is null', link(null)],
  ['an organizer that would change the path', link({ Oid: '../../me' })],
])('%s names no organizer', (_, text) => {
  expect(organizerOf(text)).toBeUndefined();
});
