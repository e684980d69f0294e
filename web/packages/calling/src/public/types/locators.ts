// How an application names what to join.

/** A group call, by a GUID of the application. */
export interface GroupLocator {
  groupId: string;
}
/** The same under its older name. */
export type GroupCallLocator = GroupLocator;

/** A room. */
export interface RoomLocator {
  roomId: string;
}
/** The same under its older name. */
export type RoomCallLocator = RoomLocator;

/** A meeting, by its join link. */
export interface TeamsMeetingLinkLocator {
  meetingLink: string;
}

/** A meeting, by its meeting ID and passcode. */
export interface TeamsMeetingIdLocator {
  meetingId: string;
  passcode?: string;
}

/** A meeting, by the four coordinates of its long join link. */
export interface TeamsMeetingCoordinatesLocator {
  threadId: string;
  organizerId: string;
  tenantId: string;
  messageId: string;
}

/** Any meeting locator. */
export type MeetingLocator = TeamsMeetingLinkLocator | TeamsMeetingIdLocator | TeamsMeetingCoordinatesLocator;

/** Anything that can be joined. */
export type JoinLocator = GroupLocator | RoomLocator | MeetingLocator;
