import { expect, test } from 'vitest';

import { endText } from '../page/src/end-text.js';

test('the server’s own sentence is shown', () => {
  expect(endText({ code: 403, subCode: 5222, message: 'This meeting is not open to people without an account.' })).toEqual({
    title: 'You could not join',
    reason: 'This meeting is not open to people without an account.',
    wasIn: false,
  });
});

test.each([
  [{ code: 0, subCode: 0, message: 'You left.' }, 'You left the visit'],
  [{ code: 0, subCode: 4097, message: 'x' }, 'The visit is over'],
  [{ code: 0, subCode: 5300, message: 'x' }, 'You were removed from the visit'],
  [{ code: 403, subCode: 5854, message: 'x' }, 'You were not let in'],
])('%o is titled “%s”', (reason, title) => {
  expect(endText(reason).title).toBe(title);
});

test('an end without a sentence still gives something to say on the phone', () => {
  expect(endText({ code: 490, subCode: 4502 }).reason).toContain('490 / 4502');
});
