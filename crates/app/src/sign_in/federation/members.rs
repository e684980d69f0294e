//! Which member a person of a provider is: by the link of provider and subject; else, where the provider's rules say so, by a verified mail address;
//! else a new member.
//!
//! Invariants: a mail address or a name never decides who somebody is when there is a link; a disabled member stays out, whatever the provider says; a
//! sign-in name that is taken is never taken over, and a domain of members who are not the provider's only by a provider that was given it; an address
//! that the provider does not vouch for is not kept. A member that the provider made keeps the profile of the provider; one that was linked keeps its own.

use super::{
    claims::{Person, domain_of},
    model::{FederatedIdentity, UpstreamProvider},
    refusal::FederationRefusal,
};
use crate::{
    App, ids,
    model::Member,
    ports::StoreError,
    sign_in::{Refusal, SignInError},
};

impl App {
    pub(crate) async fn admit_federated(&self, provider: &UpstreamProvider, person: &Person) -> Result<Member, SignInError> {
        let _writing = self.inner.writing.lock().await;
        let known = self.store().federated_identity(&provider.id, &person.subject).await?;
        let identity = match known {
            Some(identity) => identity,
            None => match self.link_by_mail(provider, person).await? {
                Some(identity) => identity,
                None => return self.make_member(provider, person).await,
            },
        };
        let member = self.store().member(&identity.member_id).await?;
        let member = member.filter(|member| member.enabled).ok_or_else(|| disabled(provider))?;
        let member = if identity.created_here {
            self.follow_profile(provider, person, member).await?
        } else {
            member
        };
        self.store()
            .note_federated_sign_in(&provider.id, &person.subject, self.now())
            .await?;
        Ok(member)
    }

    /// The one member with this verified mail address, linked from now on. Several are none; an administrator is linked by hand only.
    async fn link_by_mail(&self, provider: &UpstreamProvider, person: &Person) -> Result<Option<FederatedIdentity>, SignInError> {
        let Some(mail) = person.verified_mail().filter(|_| provider.rules.link_by_email) else {
            return Ok(None);
        };
        let has = |member: &Member| {
            let own = member.mail.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(mail));
            own || member.user_principal_name.eq_ignore_ascii_case(mail)
        };
        let mut found = self.store().members().await?;
        found.retain(has);
        let [member] = found.as_slice() else {
            return Ok(None);
        };
        if !member.enabled {
            return Err(disabled(provider).into());
        }
        if member.administrator {
            return Ok(None);
        }
        let identity = self.identity(provider, person, member, false);
        match self.store().link_federated_identity(&identity).await {
            Ok(()) => {}
            // This member is somebody else at the provider already.
            Err(StoreError::Conflict { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let detail = serde_json::json!({ "provider": provider.id, "subject": person.subject, "by": "mail" });
        self.note("federation", "federation.memberLinked", &member.raw_id(), detail).await;
        Ok(Some(identity))
    }

    async fn make_member(&self, provider: &UpstreamProvider, person: &Person) -> Result<Member, SignInError> {
        if !provider.rules.create_members {
            return Err(Refusal::from(FederationRefusal::NotAMember {
                provider: provider.name.clone(),
            })
            .into());
        }
        let taken = self.store().member_by_upn(&person.user_name).await?.is_some();
        if !taken && self.is_name_of_own_domain(provider, &person.user_name).await? {
            return Err(Refusal::from(FederationRefusal::UserNameOfOwnDomain {
                provider: provider.name.clone(),
                user_name: person.user_name.clone(),
            })
            .into());
        }
        let member = Member {
            id: ids::guid(self.random()),
            user_principal_name: person.user_name.clone(),
            display_name: person.display_name.clone(),
            given_name: person.given_name.clone(),
            surname: person.surname.clone(),
            mail: person.verified_mail().map(str::to_owned),
            job_title: None,
            mobile_phone: None,
            office_location: None,
            preferred_language: None,
            business_phones: Vec::new(),
            administrator: person.administrator == Some(true),
            enabled: true,
            guest_of_tenant: false,
            tokens_valid_after: 0,
        };
        let mut identity = self.identity(provider, person, &member, true);
        identity.last_sign_in = Some(self.now());
        match self.store().insert_federated_member(&member, &identity).await {
            Ok(()) => {}
            Err(StoreError::Conflict { .. }) => return self.after_conflict(provider, person).await,
            Err(error) => return Err(error.into()),
        }
        let detail = serde_json::json!({ "provider": provider.id, "subject": person.subject, "administrator": member.administrator });
        self.note("federation", "federation.memberCreated", &member.raw_id(), detail).await;
        Ok(member)
    }

    /// Either another process made the same person a member this instant, or the sign-in name is somebody else's.
    async fn after_conflict(&self, provider: &UpstreamProvider, person: &Person) -> Result<Member, SignInError> {
        let taken = || {
            Refusal::from(FederationRefusal::UserNameTaken {
                provider: provider.name.clone(),
                user_name: person.user_name.clone(),
            })
        };
        let identity = self
            .store()
            .federated_identity(&provider.id, &person.subject)
            .await?
            .ok_or_else(taken)?;
        let member = self.store().member(&identity.member_id).await?;
        Ok(member.filter(|member| member.enabled).ok_or_else(|| disabled(provider))?)
    }

    /// Brings the profile of a member that the provider made up to date.
    async fn follow_profile(&self, provider: &UpstreamProvider, person: &Person, member: Member) -> Result<Member, SignInError> {
        let mut wanted = Member {
            user_principal_name: person.user_name.clone(),
            display_name: person.display_name.clone(),
            given_name: person.given_name.clone(),
            surname: person.surname.clone(),
            mail: person.verified_mail().map(str::to_owned),
            administrator: person.administrator.unwrap_or(member.administrator),
            ..member.clone()
        };
        let renamed = !wanted.user_principal_name.eq_ignore_ascii_case(&member.user_principal_name);
        if renamed && self.is_name_of_own_domain(provider, &wanted.user_principal_name).await? {
            // As with a name that is taken.
            wanted.user_principal_name.clone_from(&member.user_principal_name);
        }
        if wanted == member {
            return Ok(member);
        }
        match self.store().put_member(&wanted).await {
            Ok(()) => {}
            Err(StoreError::Conflict { .. }) => {
                // The new sign-in name is somebody else's: the old one stays, and the person is not kept out for it.
                wanted.user_principal_name.clone_from(&member.user_principal_name);
                self.store().put_member(&wanted).await?;
            }
            Err(error) => return Err(error.into()),
        }
        if wanted.administrator != member.administrator {
            let detail = serde_json::json!({ "provider": provider.id, "administrator": wanted.administrator });
            self.note("federation", "federation.administratorChanged", &member.raw_id(), detail)
                .await;
        }
        Ok(wanted)
    }

    /// Whether a sign-in name lies in a domain of members whom no provider made, and the provider was not given that domain: a stranger would be
    /// taken for one of them.
    async fn is_name_of_own_domain(&self, provider: &UpstreamProvider, user_name: &str) -> Result<bool, SignInError> {
        let Some(domain) = domain_of(user_name) else {
            return Ok(false);
        };
        if provider.rules.email_domains.iter().any(|known| known.eq_ignore_ascii_case(domain)) {
            return Ok(false);
        }
        Ok(self.store().has_local_member_of_domain(domain).await?)
    }

    fn identity(&self, provider: &UpstreamProvider, person: &Person, member: &Member, created_here: bool) -> FederatedIdentity {
        FederatedIdentity {
            provider_id: provider.id.clone(),
            subject: person.subject.clone(),
            member_id: member.id.clone(),
            created_here,
            linked: self.now(),
            last_sign_in: None,
        }
    }
}

fn disabled(provider: &UpstreamProvider) -> Refusal {
    Refusal::from(FederationRefusal::MemberDisabled {
        provider: provider.name.clone(),
    })
}
