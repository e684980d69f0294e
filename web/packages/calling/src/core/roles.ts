// Wire roles and identifiers to public ones. Pure.
import type { CommunicationIdentifier, CommunicationIdentifierKind } from '@azure/communication-common';
import { createIdentifierFromRawId, getIdentifierRawId } from '@azure/communication-common';

import type { ParticipantRole } from '../public/types/common';
import type { CallKind, Role } from '../wire';

const PUBLIC: Readonly<Record<Role, ParticipantRole>> = {
  organizer: 'Organizer',
  coOrganizer: 'Co-organizer',
  presenter: 'Presenter',
  attendee: 'Attendee',
  collaborator: 'Collaborator',
  consumer: 'Consumer',
};

/** The public name of a role. In group calls and calls to people nobody has one: all may do the same. */
export function publicRole(role: Role, kind: CallKind | undefined): ParticipantRole {
  return kind === 'group' || kind === 'direct' ? 'Unknown' : PUBLIC[role];
}

/** The wire's name of a role that somebody may be given. */
export function wireRole(role: 'Co-organizer' | 'Presenter' | 'Attendee'): Role {
  return role === 'Co-organizer' ? 'coOrganizer' : role === 'Presenter' ? 'presenter' : 'attendee';
}

/** A fresh identifier object with its raw id filled in; applications freeze what they get. */
export function identifierOf(rawId: string): CommunicationIdentifierKind {
  return { rawId, ...createIdentifierFromRawId(rawId) } as CommunicationIdentifierKind;
}

/** The raw id of an identifier as an application gives it. */
export function rawIdOf(identifier: CommunicationIdentifier): string {
  const given = identifier as { rawId?: unknown };
  return typeof given.rawId === 'string' && given.rawId !== '' ? given.rawId : getIdentifierRawId(identifier);
}
