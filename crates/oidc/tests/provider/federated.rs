//! A house with an upstream provider, and one sign-in through it.

use std::collections::BTreeMap;

use app::{
    Caller,
    sign_in::{ProviderDraft, ProviderRules, UpstreamProvider},
};
use serde_json::{Value, json};

use crate::{
    house::{Answer, Browser, House, claims},
    upstream::{CLIENT, ISSUER, Key, SECRET, Upstream},
};

pub(crate) struct Federated {
    pub(crate) house: House,
    pub(crate) upstream: Upstream,
    pub(crate) key: Key,
    pub(crate) provider: UpstreamProvider,
}

impl Federated {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ProviderRules)) -> Self {
        let house = House::new().await;
        let upstream = Upstream::new();
        drop(house.app.clone().with_outbound(std::sync::Arc::new(upstream.clone())));
        let key = Key::rsa("one");
        upstream.change(|state| state.keys = vec![key.jwk()]);
        let mut rules = ProviderRules::default();
        change(&mut rules);
        let draft = draft("Upstream & Co", rules);
        let provider = house.app.create_upstream_provider(&administrator(&house), draft).await.unwrap();
        Self {
            house,
            upstream,
            key,
            provider,
        }
    }

    pub(crate) fn administrator(&self) -> Caller {
        administrator(&self.house)
    }

    /// An authorization request that names the provider.
    pub(crate) fn request(&self) -> BTreeMap<&'static str, String> {
        let mut request = self.house.request();
        request.insert("domain_hint", self.provider.id.clone());
        request
    }

    /// Begins, and gives what the provider is asked.
    pub(crate) async fn begin(&self, browser: &mut Browser) -> BTreeMap<String, String> {
        self.begin_with(browser, &self.request()).await
    }

    pub(crate) async fn begin_with(&self, browser: &mut Browser, request: &BTreeMap<&'static str, String>) -> BTreeMap<String, String> {
        let answer = browser.authorize(&self.house, request).await;
        assert!(
            answer.location().starts_with(&format!("{ISSUER}/authorize?realm=one&")),
            "{answer:?}"
        );
        answer.returned()
    }

    /// What the provider says of Dora.
    pub(crate) fn claims(&self, request: &BTreeMap<String, String>) -> Value {
        let now = self.house.app.now() / 1_000_000;
        json!({
            "iss": ISSUER, "sub": "dora-1", "aud": CLIENT, "nonce": request["nonce"],
            "iat": now, "exp": now + 300, "auth_time": now - 5,
            "preferred_username": "dora@upstream.example", "name": "Dora Lind", "given_name": "Dora", "family_name": "Lind",
            "email": "dora@upstream.example", "email_verified": true,
        })
    }

    /// The browser comes back with a code for this token.
    pub(crate) async fn come_back(&self, browser: &mut Browser, request: &BTreeMap<String, String>, id_token: &str) -> Answer {
        let code = self.upstream.authorize(request, id_token);
        self.answer(browser, request, &[("code", &code), ("state", &request["state"])])
            .await
    }

    pub(crate) async fn answer(&self, browser: &mut Browser, request: &BTreeMap<String, String>, answer: &[(&str, &str)]) -> Answer {
        let path = url::Url::parse(&request["redirect_uri"]).unwrap().path().to_owned();
        browser.open(&self.house, &format!("{path}?{}", crate::house::encode(answer))).await
    }

    /// The whole sign-in of Dora, her claims changed.
    pub(crate) async fn sign_in(&self, browser: &mut Browser, change: impl FnOnce(&mut Value)) -> Answer {
        let request = self.begin(browser).await;
        let mut claims = self.claims(&request);
        change(&mut claims);
        self.come_back(browser, &request, &self.key.sign("RS256", &claims)).await
    }

    /// Whose code this is.
    pub(crate) async fn member_of(&self, back: &Answer) -> String {
        let tokens = self.house.redeem(&back.returned()["code"]).await.json();
        claims(&tokens["id_token"])["oid"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn administrator(house: &House) -> Caller {
    Caller::Member {
        member: house.accounts.members[2].member.clone(),
        scopes: vec!["Settings.ReadWrite.All".to_owned()],
        client_id: house.web_client().to_owned(),
    }
}

pub(crate) fn draft(name: &str, rules: ProviderRules) -> ProviderDraft {
    ProviderDraft {
        name: name.to_owned(),
        issuer: ISSUER.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: Some(SECRET.to_owned()),
        rules,
        enabled: true,
    }
}
