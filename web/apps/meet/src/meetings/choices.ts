/** The choices of a meeting's options, in the words that people read. */
export interface Choice {
  value: string;
  label: string;
}

/** Nothing chosen: the policy decides, also when it changes later. */
export const organisationDefault: Choice = { value: "", label: "As the organisation has it" };

export function lobbyChoices(organisation: string): Choice[] {
  const here = organisation === "" ? "my organisation" : organisation;
  return [
    { value: "organizer", label: "Only me" },
    { value: "organization", label: `People at ${here}` },
    { value: "organizationAndFederated", label: `People at ${here} and trusted organisations` },
    { value: "everyone", label: "Everyone" },
  ];
}

/** Scopes that a meeting made elsewhere may have; offered only while it has them. */
const rareScopes: Choice[] = [
  { value: "invited", label: "People I invited" },
  { value: "organizationExcludingGuests", label: "People at my organisation, without its guests" },
];

export function presenterChoices(organisation: string): Choice[] {
  return [
    { value: "everyone", label: "Everyone who is signed in" },
    { value: "organization", label: `People at ${organisation === "" ? "my organisation" : organisation}` },
    { value: "organizer", label: "Only me" },
  ];
}

const rarePresenters: Choice[] = [{ value: "roleIsPresenter", label: "Chosen people" }];

/** The choices together with the current value, when that is not among them. */
export function withCurrent(choices: Choice[], current: string): Choice[] {
  if (choices.some((choice) => choice.value === current)) {
    return choices;
  }
  const rare = [...rareScopes, ...rarePresenters].find((choice) => choice.value === current);
  return [...choices, rare ?? { value: current, label: current }];
}

export function labelOf(choices: Choice[], value: string): string {
  return withCurrent(choices, value).find((choice) => choice.value === value)?.label ?? value;
}
