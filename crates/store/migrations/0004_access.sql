-- Application access: which application may act for which organizer. Groups of members, policies, and whom a policy is granted to.

CREATE TABLE tenant_groups (
    id TEXT NOT NULL PRIMARY KEY,
    display_name TEXT NOT NULL,
    description TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE tenant_group_members (
    group_id TEXT NOT NULL REFERENCES tenant_groups (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, member_id)
);
CREATE INDEX tenant_group_members_member ON tenant_group_members (member_id);

-- name_key is the name in lower case; applications is a JSON list of client ids.
CREATE TABLE access_policies (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    description TEXT,
    applications TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- kind is 'member', 'group' or 'global'; grantee_id the member or group, empty for 'global'; place orders groups, 0 for the others.
CREATE TABLE access_grants (
    kind TEXT NOT NULL,
    grantee_id TEXT NOT NULL,
    policy_id TEXT NOT NULL REFERENCES access_policies (id),
    place BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, grantee_id)
);
CREATE UNIQUE INDEX access_grants_place ON access_grants (place) WHERE kind = 'group';
CREATE INDEX access_grants_policy ON access_grants (policy_id);
