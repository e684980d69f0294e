/** What the Graph client offers beside single requests, used the same way in Node and in a page. */
import { BatchRequestContent, BatchResponseContent, PageIterator } from '@microsoft/microsoft-graph-client';

/** Every item from the first page on, by the client's own iterator, and whether it says that it is through. */
export async function pages(client, first) {
  const items = [];
  const iterator = new PageIterator(client, first, (item) => {
    items.push(item);
    return true;
  });
  await iterator.iterate();
  return { items, complete: iterator.isComplete() };
}

/** The answers to a batch that the client builds, by the ids of its steps: `[{ id, path, init, dependsOn }]`. */
export async function batch(client, steps, baseUrl) {
  const { origin } = new URL(baseUrl);
  const content = new BatchRequestContent(
    steps.map(({ id, path, init, dependsOn }) => ({ id, request: new Request(`${origin}/v1.0${path}`, init), dependsOn })),
  );
  const answers = new BatchResponseContent(await client.api('/$batch').post(await content.getContent()));
  const read = async ({ id }) => {
    const response = answers.getResponseById(id);
    return [id, { status: response.status, body: await response.json() }];
  };
  return Object.fromEntries(await Promise.all(steps.map(read)));
}
