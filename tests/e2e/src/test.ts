/**
 * The test runner with one house and one example application for all tests of a file.
 *
 * Whatever a test is about, its people's pages may have contacted nothing but this machine.
 */
import { test as base, expect } from '@playwright/test';

import { House, Visit } from './house.js';
import { type Person, type PersonOptions, person } from './pages.js';

interface WorkerFixtures {
  house: House;
  visit: Visit;
}

interface TestFixtures {
  /** Makes a person whose browser context is closed after the test. */
  newPerson: (options?: PersonOptions) => Promise<Person>;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  house: [
    // eslint-disable-next-line no-empty-pattern -- the runner wants an object pattern
    async ({}, use) => {
      const house = await House.start();
      await use(house);
      await house.stop();
    },
    { scope: 'worker' },
  ],
  visit: [
    async ({ house }, use) => {
      const visit = await Visit.start(house);
      await use(visit);
      await visit.stop();
    },
    { scope: 'worker' },
  ],
  newPerson: async ({ browser }, use) => {
    const people: Person[] = [];
    await use(async (options) => {
      const somebody = await person(browser, options);
      people.push(somebody);
      return somebody;
    });
    for (const somebody of people) await somebody.context.close();
    for (const { witness } of people) {
      expect(witness.foreignHosts, 'no page contacts another machine').toEqual([]);
      expect(witness.hosts.size, 'what the page contacts is recorded').toBeGreaterThan(0);
    }
  },
});

export { expect };
