//! The exchanges that the common client does by itself: a member's bearer token for a communication token.

use app::TokenError;
use serde_json::{Value, json};

use crate::support::{Answer, Server};

const CLIENTS: &str = "https://communication.azure.com/clients";
const EXTENSION: &str = "https://auth.msft.communication.azure.com";
const ENTRA_PATH: &str = "/access/entra/:exchangeAccessToken?api-version=2025-03-02-preview";
const EXTENSION_PATH: &str = "/access/teamsExtension/:exchangeAccessToken?api-version=2025-06-30";

fn member_token(server: &Server, audience: &str, scopes: &str) -> String {
    let anna = &server.accounts.members[0].member;
    let claims = json!({ "oid": anna.id, "azp": server.accounts.application.client_id, "scp": scopes });
    server.token(audience, &claims)
}

async fn exchange(server: &Server, path: &str, token: &str) -> Answer {
    server.send(Server::bearer("POST", path, "{}", token)).await
}

#[tokio::test]
async fn a_member_gets_a_token_of_their_own_with_the_scopes_that_the_bearer_carries() {
    let server = Server::start().await;
    let anna = server.accounts.members[0].member.raw_id();
    for (path, audience, scopes, expected) in [
        (ENTRA_PATH, CLIENTS, "VoIP Chat openid", "chat,voip"),
        (ENTRA_PATH, "https://communication.azure.com/clients/", "VoIP.Join", "voip.join"),
        (ENTRA_PATH, CLIENTS, "Chat.Join Chat.Join.Limited", "chat.join,chat.join.limited"),
        (EXTENSION_PATH, EXTENSION, "TeamsExtension.ManageCalls", "voip"),
        (
            EXTENSION_PATH,
            EXTENSION,
            "Teams.ManageCalls TeamsExtension.ManageChats Teams.ManageChats",
            "chat,voip",
        ),
    ] {
        let answer = exchange(&server, path, &member_token(&server, audience, scopes)).await;
        assert_eq!(answer.status, 200, "{scopes}: {:?}", answer.body);
        assert_eq!(answer.body["identity"]["id"], anna);
        assert_eq!(answer.body["accessToken"]["expiresOn"], "2026-11-22T13:17:30Z");
        let token = answer.body["accessToken"]["token"].as_str().unwrap();
        let claims: Value = server.app.signer().verify_signature(token).unwrap().into();
        assert_eq!(claims["acsScope"], expected);
        assert_eq!(claims["skypeid"], anna.strip_prefix("8:").unwrap());
    }
    let doubled = exchange(&server, &format!("/{ENTRA_PATH}"), &member_token(&server, CLIENTS, "VoIP")).await;
    assert_eq!(doubled.status, 200);
}

#[tokio::test]
async fn what_is_no_members_token_for_this_exchange_is_refused() {
    let server = Server::start().await;
    let client = &server.accounts.application.client_id;
    let application = json!({ "azp": client, "roles": ["Communication.Manage.All"] });
    for (token, expected) in [
        (member_token(&server, EXTENSION, "Teams.ManageCalls"), (401, "Unauthorized")),
        (
            member_token(&server, "https://communication.azure.com", "VoIP"),
            (401, "Unauthorized"),
        ),
        (
            member_token(&server, "00000003-0000-0000-c000-000000000000", "Teams.ManageCalls"),
            (401, "Unauthorized"),
        ),
        (member_token(&server, CLIENTS, "User.Read"), (403, "Forbidden")),
        (server.token(CLIENTS, &application), (403, "Forbidden")),
        ("x.y.z".to_owned(), (401, "Unauthorized")),
    ] {
        let answer = exchange(&server, ENTRA_PATH, &token).await;
        assert_eq!(answer.error(), (expected.0, expected.1, None));
    }
    // A signature is no member.
    assert_eq!(server.signed("POST", ENTRA_PATH, "{}").await.error(), (401, "Unauthorized", None));
}

#[tokio::test]
async fn what_revokes_the_member_revokes_the_exchanged_token_and_it_ends_with_the_bearer() {
    let server = Server::start().await;
    let answer = exchange(&server, ENTRA_PATH, &member_token(&server, CLIENTS, "VoIP")).await;
    let token = answer.body["accessToken"]["token"].as_str().unwrap();
    assert!(server.app.connect_identity(token).await.is_ok());
    server.app.revoke_member(&server.accounts.members[0].member.id).await.unwrap();
    assert!(matches!(server.app.connect_identity(token).await, Err(TokenError::Revoked)));
    server.advance_minutes(61);
    assert!(matches!(server.app.connect_identity(token).await, Err(TokenError::Expired { .. })));
}
