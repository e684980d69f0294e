//! The catalogue of refusals and ends: every one with code, subcode, sentence, cause, who can mend it, which policy decided.
//!
//! A refusal is a value, not an error: it is what somebody is told. Also the ordinary ends of a call are here (code 0),
//! because a client shows both in the same place, and the refusals of the layers around the machine (tokens, frames),
//! because there is one catalogue and one page ([`table`]). Codes that applications of the calling SDK already know are
//! kept (`docs/refusals.md` is generated from this file); our own subcodes are in 45001–45099 (frames), 46600–46699
//! (commands), 5900–5999 (admission). Invariants: the type is closed, each variant has a row by construction, names are
//! unique, and so is code/subcode except among the token refusals, for which the SDK knows a single pair, and 0/5003, which is
//! the end of a call for everybody.

use std::fmt;

/// Who can change what led to the refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FixableBy {
    /// The person who was refused.
    You,
    /// The organizer or a co-organizer of the meeting.
    Organizer,
    /// An administrator of the tenant.
    Administrator,
    /// The application that issued the token or drives the SDK.
    Application,
    /// Whoever runs the server.
    Operator,
    /// Nobody: it is final.
    Nobody,
}

/// A refusal, spelled out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusalRow {
    /// Stable name.
    pub name: &'static str,
    /// HTTP-like code; 0 for an ordinary end.
    pub code: u32,
    /// Finer code.
    pub sub_code: u32,
    /// One sentence for a person.
    pub message: &'static str,
    /// Why, in one sentence.
    pub cause: &'static str,
    /// Who can mend it.
    pub fixable_by: FixableBy,
    /// The policy or option that decided, when one did.
    pub policy: Option<&'static str>,
}

/// Declares the enum, its list and its rows in one place, so that none of the three can miss a variant.
macro_rules! refusals {
    ($($variant:ident = $name:literal $code:literal / $sub:literal $fix:ident $policy:expr,
        $message:literal, $cause:literal;)*) => {
        /// Why something was refused, or how a call ended.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Refusal {
            $(#[doc = $cause] $variant,)*
        }

        impl Refusal {
            /// Every refusal, in the order of the page.
            pub const ALL: &'static [Refusal] = &[$(Refusal::$variant,)*];

            /// The refusal, spelled out.
            pub fn row(self) -> RefusalRow {
                match self {
                    $(Self::$variant => RefusalRow {
                        name: $name,
                        code: $code,
                        sub_code: $sub,
                        message: $message,
                        cause: $cause,
                        fixable_by: FixableBy::$fix,
                        policy: $policy,
                    },)*
                }
            }
        }
    };
}

refusals! {
    // Ordinary ends.
    LeftNormally = "leftNormally" 0/0 Nobody None,
        "You left the meeting.", "The participant hung up.";
    MeetingEnded = "meetingEnded" 0/4097 Nobody None,
        "The meeting was ended for everybody.", "Somebody who runs the meeting ended it.";
    MeetingDeleted = "meetingDeleted" 0/5003 Nobody None,
        "The meeting was cancelled.", "The meeting was deleted while it was held.";
    Removed = "removed" 0/5300 Organizer None,
        "You were removed from the meeting.", "Somebody who runs the meeting removed the participant.";
    ConversationEnded = "conversationEnded" 0/5003 Nobody None,
        "The call is over.", "Everybody else has left the call.";
    Transferred = "transferred" 0/7015 Nobody None,
        "The call goes on elsewhere.", "Somebody in the call handed the participant over to another person or call.";
    ReplacedByNewSession = "replacedByNewSession" 0/5901 Nobody None,
        "You joined this meeting from another place.", "The same person joined again; the newer session holds the place.";
    BreakoutRoomClosed = "breakoutRoomClosed" 0/5030 Nobody None,
        "The breakout room was closed.", "The time of the breakout rooms is over, or somebody who manages them closed them.";
    // Calls that ring.
    CallCancelled = "callCancelled" 487/0 You None,
        "The caller hung up.", "The call was taken back before it was answered.";
    AcceptedElsewhere = "acceptedElsewhere" 487/10003 You None,
        "You answered this call elsewhere.", "Another connection of the same person accepted the call.";
    NoAnswer = "noAnswer" 487/10004 You None,
        "Nobody answered.", "The call rang for as long as calls ring.";
    DeclinedElsewhere = "declinedElsewhere" 487/10024 You None,
        "You declined this call elsewhere.", "Another connection of the same person declined the call.";
    Declined = "declined" 603/0 You None,
        "The call was declined.", "The person who was called declined.";
    CalleeUnreachable = "calleeUnreachable" 480/10037 You None,
        "The person could not be reached.", "The person who was called is not connected, or there is no such person.";
    CalleeBusy = "calleeBusy" 486/46640 You None,
        "The person is being called by too many others. Try again later.", "As many calls ring at this person as may ring at once.";
    IncomingGone = "incomingGone" 410/46642 You None,
        "This call does not ring any more.", "The call was answered, declined, cancelled or not answered in time, or rang at somebody else.";
    // Frames.
    MalformedFrame = "malformedFrame" 400/45001 Application None,
        "The message could not be read.", "The frame is not valid JSON of this protocol, or the first one did not come in time.";
    UnsupportedProtocol = "unsupportedProtocol" 400/45002 Application None,
        "This version of the application is not supported.",
        "The protocol version of the first frame is not the server's; update the calling package.";
    FrameTooLarge = "frameTooLarge" 413/45003 Application None,
        "The message is too large.", "The frame is longer than the protocol allows.";
    UnknownMessage = "unknownMessage" 400/45004 Application None,
        "The message is not known.", "The frame has a type or order that the protocol does not have.";
    InvalidArgument = "invalidArgument" 400/45005 Application None,
        "The request does not make sense.", "A value of the request is outside what its documentation allows.";
    NoSuchCall = "noSuchCall" 404/45006 Application None,
        "This call does not exist any more.", "The call named by the request is over or was never this connection's.";
    RequestQueueFull = "requestQueueFull" 429/45007 Application None,
        "Too many requests at once.", "More requests or offers are open, or come faster, than the server takes; wait for answers.";
    TooManyConnections = "tooManyConnections" 429/45009 You None,
        "Too many connections at once. Close other windows and try again.",
        "This identity holds as many connections or calls as the server allows, or too many others have not identified themselves yet.";
    ResumeTicketInvalid = "resumeTicketInvalid" 403/45008 You None,
        "The connection could not be brought back. Join again.", "The resume ticket was used before, is too old, or its session is over.";
    // Tokens.
    TokenInvalid = "tokenInvalid" 401/10009 Application None,
        "You could not be identified.", "The access token is malformed or its signature is not ours.";
    TokenExpired = "tokenExpired" 401/10009 Application None,
        "Your access has expired.", "The access token is past its time; the application has to fetch a new one.";
    TokenForeign = "tokenForeign" 401/10009 Application None,
        "Your access belongs to another organisation.", "The access token was issued for another tenant or communication resource.";
    TokenRevoked = "tokenRevoked" 401/10009 Application None,
        "Your access was withdrawn.", "The access token was revoked or its identity deleted.";
    TokenOfSomebodyElse = "tokenOfSomebodyElse" 403/10011 Application None,
        "The new access token belongs to somebody else.",
        "A connection goes on with a newer token of the same person and the same application only.";
    ScopeMissing = "scopeMissing" 403/10010 Application None,
        "You may not take part in calls.", "The access token lacks the scope for calls (voip, voip.join or Teams.ManageCalls).";
    // Calling people.
    CalleeNotCallable = "calleeNotCallable" 400/10044 Application None,
        "This person cannot be called.", "Only members and communication identities can be called; the id is of neither.";
    CalleeOfAnotherResource = "calleeOfAnotherResource" 403/10119 Application None,
        "This person belongs to another application.", "Communication identities call identities of their own resource only.";
    GuestsMayNotCallMembers = "guestsMayNotCallMembers" 403/10124 Administrator Some("GuestsCallMembers"),
        "Guests cannot call people of this organisation.", "The policy GuestsCallMembers is off; members may call guests.";
    VisitorsMayNotCall = "visitorsMayNotCall" 403/46643 Application None,
        "You cannot call people from here.", "Visitors of the join page, callers by telephone and programs call nobody.";
    RoleForbidsAdding = "roleForbidsAdding" 403/46644 Organizer Some("UsersCanAdmitFromLobby"),
        "Your role does not let you call people into this meeting.", "Only those who may admit from the lobby call people in.";
    AddingNotInThisCall = "addingNotInThisCall" 403/46645 Application None,
        "Nobody can be called into this call.", "Rooms are for those whom their application lists; other calls take the kinds of people they are for.";
    AlreadyInCall = "alreadyInCall" 409/46646 You None,
        "This person is in the call already.", "Somebody named is inside, is being called, or is the caller.";
    TooManyCallees = "tooManyCallees" 400/46647 Application None,
        "Too many people, or nobody, would be called.", "One to twenty people are called at once, and no more ring in one call.";
    CustomContextTooLarge = "customContextTooLarge" 413/46649 Application None,
        "The application sends too much along with the call.",
        "A custom context has at most 16 entries with keys of 128 and values of 1024 bytes.";
    NotCalled = "notCalled" 403/46641 You None,
        "You were not called into this call.", "A call to people is for those whom somebody in it has called.";
    TransferNotInThisCall = "transferNotInThisCall" 403/46650 Application None,
        "This call cannot be transferred.", "Only calls to people are transferred.";
    TransferAmbiguous = "transferAmbiguous" 400/46651 Application None,
        "Say whom you want to hand over.", "There is more than one other person in the call.";
    TransferUnknown = "transferUnknown" 404/46652 You None,
        "This transfer is over.", "The transfer was used, took too long, or was somebody else's.";
    TransferExpired = "transferExpired" 408/46653 You None,
        "The transfer took too long.", "The other person did not come to the other call in time.";
    TransfereeLeft = "transfereeLeft" 410/46654 You None,
        "The person to be handed over has left.", "The transferee left the call before the transfer was done.";
    AlreadyTransferring = "alreadyTransferring" 409/46655 You None,
        "This person is being handed over already.", "One transfer at a time for each person.";
    // Finding the meeting.
    MeetingNotFound = "meetingNotFound" 404/5902 You None,
        "There is no such meeting.", "No meeting has this link or these coordinates.";
    MeetingIdOrPasscodeInvalid = "meetingIdOrPasscodeInvalid" 400/5751 You None,
        "The meeting ID or the passcode is wrong.", "No meeting has this ID with this passcode; which of the two is wrong is not said.";
    TooManyAttempts = "tooManyAttempts" 429/5903 You None,
        "Too many attempts. Try again in a few minutes.", "Too many wrong meeting IDs or passcodes from here or for this meeting.";
    LocatorKindNotServed = "locatorKindNotServed" 501/5904 Operator None,
        "This kind of call is not offered here.", "The server does not know this kind of call yet.";
    RoomNotFound = "roomNotFound" 404/5732 Application None,
        "There is no such room.", "No room has this ID, or it was deleted.";
    GroupIdInvalid = "groupIdInvalid" 400/5923 Application None,
        "The ID of the group call is not valid.", "The ID of a group call is a GUID that the application chooses.";
    ScopeForbidsStarting = "scopeForbidsStarting" 403/10012 Application None,
        "You may join calls, but not begin one.", "Whoever begins a group call needs an access token with the scope voip.";
    // Admission.
    AnonymousJoinDisabledByTenant = "anonymousJoinDisabledByTenant" 403/5221 Administrator Some("DisableAnonymousJoin"),
        "This organisation does not let people join without an account.", "The tenant switch DisableAnonymousJoin is on.";
    AnonymousJoinDisabledByPolicy = "anonymousJoinDisabledByPolicy" 403/5222 Administrator Some("AllowAnonymousUsersToJoinMeeting"),
        "The organizer's meetings are not open to people without an account.", "The organizer's policy does not allow anonymous join.";
    AnonymousJoinDisabledByOption = "anonymousJoinDisabledByOption" 403/5905 Organizer Some("allowAnonymousJoin"),
        "This meeting is not open to people without an account.", "The meeting option allowAnonymousJoin is off.";
    ClientKindBlocked = "clientKindBlocked" 403/5906 Administrator Some("BlockedAnonymousJoinClientTypes"),
        "You cannot join this meeting from this kind of application.",
        "The organizer's policy blocks this kind of client for anonymous people.";
    CommunicationUsersDisabled = "communicationUsersDisabled" 403/5907 Administrator Some("EnableAcsUsers"),
        "This organisation does not let people join from applications.", "The tenant switch EnableAcsUsers is off.";
    CommunicationUsersDisabledByPolicy = "communicationUsersDisabledByPolicy" 403/5908 Administrator Some("EnableAcsFederationAccess"),
        "The organizer's meetings are not open to people who join from applications.",
        "The organizer's policy EnableAcsFederationAccess is off.";
    CommunicationResourceBlocked = "communicationResourceBlocked" 403/5909 Administrator Some("AllowedAcsResources, BlockedAcsResources"),
        "This application may not bring people into meetings.", "The communication resource of the identity is blocked or not on the list.";
    GuestAccessDisabled = "guestAccessDisabled" 403/5910 Administrator Some("AllowGuestUser"),
        "Guest accounts of this organisation may not join meetings.", "The tenant switch AllowGuestUser is off.";
    ExternalAccessDisabled = "externalAccessDisabled" 403/5911 Administrator Some("AllowFederatedUsers"),
        "People of other organisations may not join meetings here.", "The tenant switch AllowFederatedUsers is off.";
    RemovedBefore = "removedBefore" 403/5912 Organizer None,
        "You were removed from this meeting and cannot join it again.", "The participant was removed while this meeting was held.";
    DeniedBefore = "deniedBefore" 403/5913 Organizer None,
        "You were not admitted to this meeting and cannot ask again.",
        "The participant was turned away in the lobby while this meeting was held.";
    MeetingEndedAlready = "meetingEndedAlready" 410/5914 Organizer None,
        "This meeting is over.", "The meeting was deleted or is being closed.";
    MeetingExpired = "meetingExpired" 410/5915 Organizer None,
        "This meeting has expired.", "The time until which the meeting could be joined has passed.";
    MeetingLocked = "meetingLocked" 403/5916 Organizer None,
        "This meeting is locked.", "Somebody who runs the meeting locked it; nobody new comes in until it is unlocked.";
    BreakoutRoomNotOpen = "breakoutRoomNotOpen" 409/5930 Organizer None,
        "This breakout room is not open.", "Breakout rooms are joined while they are open; those who run the meeting open them.";
    BreakoutRoomNotYours = "breakoutRoomNotYours" 403/5931 Organizer None,
        "You are not in this breakout room.",
        "A breakout room is for those who are assigned to it, or manage it, while they are inside the main meeting.";
    BreakoutRoomsForMembersOnly = "breakoutRoomsForMembersOnly" 403/45803 Administrator Some("GuestBreakoutRooms"),
        "Breakout rooms are reserved for people with an account.", "The organizer's policy keeps breakout rooms for members.";
    MeetingFull = "meetingFull" 503/5917 Operator None,
        "This meeting is full.", "The meeting holds as many participants as the server allows.";
    LobbyFull = "lobbyFull" 503/5918 Organizer None,
        "Too many people are waiting for this meeting. Try again later.", "As many people wait, in all or from one place, as the server allows.";
    RoomForCommunicationUsers = "roomForCommunicationUsers" 403/5830 Application None,
        "Rooms are joined from applications only.",
        "A room is for communication identities that its application listed; members and visitors of meetings have none.";
    NotInvitedToRoom = "notInvitedToRoom" 403/5828 Application None,
        "You are not invited to this room.", "The application has not put this identity into the room.";
    RoomNotOpen = "roomNotOpen" 403/5829 Application None,
        "This room is not open now.", "The room has not opened yet, or has closed.";
    RoomInvitationRemoved = "roomInvitationRemoved" 0/5317 Application None,
        "You were taken out of this room.", "The application took this identity out of the room while it was inside.";
    GroupForCommunicationUsers = "groupForCommunicationUsers" 403/5921 Application None,
        "Group calls are joined from applications only.",
        "A group call is for communication identities; members and visitors of meetings have none.";
    GroupOfAnotherResource = "groupOfAnotherResource" 403/5922 Application None,
        "This group call belongs to another application.", "The group call is for identities of another communication resource.";
    LobbyDenied = "lobbyDenied" 403/5854 Organizer None,
        "You were not admitted to the meeting.", "Somebody who may admit turned the participant away.";
    LobbyTimeout = "lobbyTimeout" 408/5855 You Some("LobbyTimeoutS"),
        "Nobody admitted you in time. You can try again.", "The participant waited in the lobby for as long as the policy allows.";
    // Sessions.
    SessionLost = "sessionLost" 408/4506 You None,
        "The connection to the meeting was lost.", "The connection did not come back within the time of grace.";
    ServerStopping = "serverStopping" 503/5919 Operator None,
        "The server is being restarted. Join again in a moment.", "The server stops.";
    Internal = "internal" 500/5920 Operator None,
        "Something went wrong on the server.", "A defect of the server; its log has the details.";
    // Commands.
    NotAdmitted = "notAdmitted" 403/46600 Organizer None,
        "You are still waiting to be admitted.", "A participant who waits in the lobby can only leave.";
    MediaNotAllowedWhileWaiting = "mediaNotAllowedWhileWaiting" 403/46601 Organizer None,
        "Sound and video start when you are admitted.", "A participant who waits in the lobby has no media.";
    MediaRefused = "mediaRefused" 400/46602 Application None,
        "Sound and video could not be set up.", "The session description is not one that the media engine can answer.";
    UnknownParticipant = "unknownParticipant" 404/46603 You None,
        "This person is not in the meeting.", "No participant of the meeting has this id.";
    RoleForbidsMute = "roleForbidsMute" 403/46604 Organizer None,
        "Your role does not let you mute others.", "Only organizers, co-organizers and presenters mute others.";
    RoleForbidsRemove = "roleForbidsRemove" 403/46605 Organizer None,
        "Your role does not let you remove this person.",
        "Those who run the meeting remove others; a co-organizer is removed by the organizer only, the organizer by nobody.";
    RoleForbidsAdmit = "roleForbidsAdmit" 403/46606 Organizer Some("UsersCanAdmitFromLobby"),
        "Your role does not let you decide who comes in.",
        "The meeting's options or the organizer's policy reserve the lobby for other roles.";
    RoleForbidsRoles = "roleForbidsRoles" 403/46607 Organizer None,
        "Your role does not let you change this role.",
        "Those who run the meeting make presenters and attendees; only the organizer makes and changes co-organizers.";
    RoleForbidsLock = "roleForbidsLock" 403/46608 Organizer None,
        "Your role does not let you lock the meeting.", "Only organizers, co-organizers and presenters lock the meeting.";
    RoleForbidsEnd = "roleForbidsEnd" 403/46609 Organizer None,
        "Your role does not let you end the meeting for everybody.", "Only organizers, co-organizers and presenters end the meeting.";
    RoleForbidsLowerHands = "roleForbidsLowerHands" 403/46610 Organizer None,
        "Your role does not let you lower the hands of others.", "Only organizers, co-organizers and presenters lower the hands of others.";
    RoleForbidsScreen = "roleForbidsScreen" 403/46611 Organizer Some("allowedPresenters"),
        "Your role does not let you share your screen.", "The meeting reserves sharing for presenters.";
    MicrophoneForbidden = "microphoneForbidden" 403/46612 Organizer Some("allowAttendeeToEnableMic"),
        "Attendees cannot unmute in this meeting.", "The meeting option allowAttendeeToEnableMic is off.";
    CameraForbidden = "cameraForbidden" 403/46613 Organizer Some("allowAttendeeToEnableCamera"),
        "Attendees cannot turn their camera on in this meeting.", "The meeting option allowAttendeeToEnableCamera is off.";
    MicrophoneForbiddenByOther = "microphoneForbiddenByOther" 403/46710 Organizer None,
        "You cannot unmute now; ask those who run the meeting.", "Somebody who runs the meeting keeps the microphone of this attendee, or of all, off.";
    CameraForbiddenByOther = "cameraForbiddenByOther" 403/46711 Organizer None,
        "You cannot turn your camera on now; ask those who run the meeting.",
        "Somebody who runs the meeting keeps the camera of this attendee, or of all, off.";
    ReactionsForbidden = "reactionsForbidden" 403/46712 Organizer Some("allowTeamworkReactions"),
        "Reactions are off in this meeting.", "The meeting option allowTeamworkReactions is off.";
    RoleForbidsSpotlight = "roleForbidsSpotlight" 403/46713 Organizer None,
        "Your role does not let you change whom everybody is shown.",
        "Only organizers, co-organizers and presenters put people into the spotlight and take others out.";
    SpotlightFull = "spotlightFull" 400/46714 You None,
        "As many people are in the spotlight as there can be. Take somebody out first.", "The spotlight holds seven people.";
    RoleForbidsMediaAccess = "roleForbidsMediaAccess" 403/46502 Organizer None,
        "Your role does not let you decide who may use microphone and camera.",
        "Only organizers, co-organizers and presenters change the media access of attendees.";
    MediaAccessNotInThisCall = "mediaAccessNotInThisCall" 403/46503 Application None,
        "Microphones and cameras of others cannot be forbidden in this call.", "Media access is changed in meetings only.";
    MediaAccessForAttendeesOnly = "mediaAccessForAttendeesOnly" 403/46504 Application None,
        "Only the microphones and cameras of attendees can be permitted and forbidden.",
        "Somebody named is no attendee; make them an attendee first.";
    ViewOnly = "viewOnly" 403/46720 Application None,
        "Your role lets you watch and listen only.", "The application gave this identity the role Consumer in the room.";
    NotInThisKindOfCall = "notInThisKindOfCall" 403/46721 Application None,
        "This kind of call does not have that.",
        "Lobby, lock, roles given by hand and breakout rooms belong to meetings; a room is ended by the application that made it.";
    SurveyInvalid = "surveyInvalid" 400/46722 Application None,
        "The survey does not make sense.",
        "A survey has one to four parts, each once, with a score on its scale (0 to 100, at least two steps) and known issues.";
    SurveySessionUnknown = "surveySessionUnknown" 404/46723 Application None,
        "The survey came too late.", "The server does not remember this call, or it was not this identity's.";
    TooFast = "tooFast" 429/46700 Application None,
        "Not so fast, please.", "More of this was sent in a moment than the meeting passes on; try again a moment later.";
    TypedTextForbidden = "typedTextForbidden" 403/46701 Administrator Some("RealTimeText"),
        "Real-time text is not available in this meeting.", "The organizer's policy RealTimeText is off.";
    RoleForbidsBreakoutRooms = "roleForbidsBreakoutRooms" 403/46740 Organizer None,
        "Your role does not let you manage breakout rooms.",
        "Breakout rooms are managed by signed-in organizers, co-organizers and presenters.";
    BreakoutRoomsDisabledByOption = "breakoutRoomsDisabledByOption" 403/46741 Organizer Some("allowBreakoutRooms"),
        "This meeting has no breakout rooms.", "The meeting option allowBreakoutRooms is off.";
    BreakoutRoomsNotHere = "breakoutRoomsNotHere" 403/46742 Application None,
        "This call has no breakout rooms.", "Breakout rooms belong to scheduled meetings, not to other calls, nor to breakout rooms themselves.";
    BreakoutRoomsAreOpen = "breakoutRoomsAreOpen" 409/46743 You None,
        "The breakout rooms are open. Close them first.", "Rooms are planned and opened while they are closed.";
    BreakoutRoomsNotOpen = "breakoutRoomsNotOpen" 409/46744 You None,
        "The breakout rooms are not open.", "Only open rooms hear what is said to all of them.";
    UnknownBreakoutRoom = "unknownBreakoutRoom" 404/46745 You None,
        "There is no such breakout room.", "No room is planned, or none has this id.";
    RoleForbidsTogether = "roleForbidsTogether" 403/46303 Organizer None,
        "Your role does not let you change the together view.", "Only organizers, co-organizers and presenters begin and end the together view.";
    TogetherNotInThisCall = "togetherNotInThisCall" 403/46304 Application None,
        "This call has no together view.", "The together view belongs to meetings.";
    TogetherForMembersOnly = "togetherForMembersOnly" 403/46306 Administrator Some("GuestTogetherView"),
        "The together view is reserved for people with an account.", "The organizer's policy keeps the together view for members.";
    CaptionsNotServed = "captionsNotServed" 501/46730 Operator None,
        "There are no captions here.", "The server has no recogniser of speech; its operator can attach one.";
    CaptionsForbidden = "captionsForbidden" 403/46731 Administrator Some("AllowCaptions"),
        "Captions are off for these meetings.", "The organizer's policy does not allow captions.";
    SpokenLanguageNotServed = "spokenLanguageNotServed" 400/46732 Application None,
        "This language is not understood here.", "The server's recogniser does not know the language; take one of the supported ones.";
    CaptionLanguageNotServed = "captionLanguageNotServed" 400/46733 Application None,
        "Captions cannot be translated into this language.", "The server's recogniser does not translate into the language.";
    RoleForbidsSpokenLanguage = "roleForbidsSpokenLanguage" 403/46734 Organizer None,
        "Your role does not let you change the language that is spoken.",
        "Captions are on; only organizers, co-organizers and presenters change the meeting's language then.";
    CaptionsAreOff = "captionsAreOff" 409/46735 Application None,
        "Turn captions on first.", "The language of captions can be chosen while they are on.";
    RoleForbidsRecording = "roleForbidsRecording" 403/46736 Organizer None,
        "Your role does not let you record the meeting.",
        "Only organizers, co-organizers and presenters begin and end recordings and transcriptions.";
    RecordingForbidden = "recordingForbidden" 403/46737 Organizer Some("allowRecording, AllowCloudRecording"),
        "This meeting may not be recorded.", "The meeting option allowRecording or the organizer's policy AllowCloudRecording is off.";
    GroupCallRecordingForbidden = "groupCallRecordingForbidden" 403/46746 Administrator Some("GroupCallRecording"),
        "Group calls are not recorded here.",
        "Nobody runs a group call, so anybody in it could record it; the policy GroupCallRecording is off.";
    TranscriptionForbidden = "transcriptionForbidden" 403/46738 Organizer Some("allowTranscription, AllowTranscription"),
        "What is said in this meeting may not be written down.",
        "The meeting option allowTranscription or the organizer's policy AllowTranscription is off.";
    ConsentRequired = "consentRequired" 403/46739 You Some("ExplicitRecordingConsent"),
        "The meeting is recorded. Agree to it to be heard and seen.",
        "The organizer's policy ExplicitRecordingConsent keeps media closed until the participant agrees to the recording or transcription.";
    FeatureNotServed = "featureNotServed" 501/46699 Operator None,
        "This is not offered here.", "The server does not do this yet.";
    RaiseHandForMembersOnly = "raiseHandForMembersOnly" 403/45802 Administrator Some("GuestRaisedHand"),
        "Raising a hand is reserved for people with an account.", "The organizer's policy keeps raised hands for members.";
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.row();
        write!(f, "{} ({}/{}): {}", row.name, row.code, row.sub_code, row.cause)
    }
}

/// The page of all refusals as a Markdown table.
pub fn table() -> String {
    let mut page =
        String::from("| code | subCode | name | message | cause | who can mend it | decided by |\n|---:|---:|---|---|---|---|---|\n");
    for refusal in Refusal::ALL {
        let row = refusal.row();
        let policy = row.policy.unwrap_or("–");
        let fixable_by = row.fixable_by.words();
        page.push_str(&format!(
            "| {} | {} | `{}` | {} | {} | {fixable_by} | {policy} |\n",
            row.code, row.sub_code, row.name, row.message, row.cause
        ));
    }
    page
}

impl FixableBy {
    /// In words, for pages.
    pub fn words(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::Organizer => "organizer",
            Self::Administrator => "administrator",
            Self::Application => "application",
            Self::Operator => "operator",
            Self::Nobody => "nobody",
        }
    }
}
