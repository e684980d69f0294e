/** The test runner with one house and one example application for all tests of a file. */
import { test as base } from '@playwright/test';

import { House, Visit } from './house.js';
import { type Person, person } from './pages.js';

interface WorkerFixtures {
  house: House;
  visit: Visit;
}

interface TestFixtures {
  /** Makes a person whose browser context is closed after the test. */
  newPerson: () => Promise<Person>;
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
    await use(async () => {
      const somebody = await person(browser);
      people.push(somebody);
      return somebody;
    });
    for (const somebody of people) await somebody.context.close();
  },
});

export { expect } from '@playwright/test';
