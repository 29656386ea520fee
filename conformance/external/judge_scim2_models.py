"""Holds a live server's filters and patches against those of scim2-models.

judge_scim2_models.py URL TOKEN

Four comparisons over the data in ../oracles:
 1. verdicts: does either accept the filter as one of the grammar (RFC 7644, section 3.4.2.2, figure 1)?
 2. checks: of those that both accept, does the schema refuse it?
 3. matches: of those that both run, which of the same users does either find?
 4. patches: what does either make of the same resource with the same operations?

Each difference that is known stands in the tables below with the rule that decides it. A difference that is not there fails,
and so does an entry that has ceased to be one.
"""

import json
import pathlib
import sys
import uuid

from httpx2 import Client
from pydantic import ValidationError
from scim2_models import (
    EnterpriseUser,
    Group,
    InvalidFilterException,
    PatchOp,
    SCIMException,
    ScimFilter,
    SearchRequest,
    User,
)

ORACLES = pathlib.Path(__file__).resolve().parent.parent / "oracles"
EnterpriseType = User[EnterpriseUser]

# What the server says of a filter that is well-formed and does not fit the schema.
OF_THE_SCHEMA = [
    "is not an attribute of",
    "is never returned",
    "is complex; name one",
    "takes no brackets",
    "cannot be compared with",
    "; compare it with",
]

# Both accept and refuse the same.
VERDICTS: dict[str, str] = {}

TEXT = "RFC 7643, section 8.7.1: emails.value is of the type string, so any text may be compared with it"
NO_URN = "RFC 7644, section 3.10, asks for the URN of an extension; Entra leaves it out of manager, and is understood"
ONE_VALUE = 'valuePath = attrPath "[" valFilter "]": the grammar does not ask for several values'
NO_VALUE = "RFC 7644, section 3.4.2.2: a complex attribute is compared by a sub-attribute, and name has none called value"
CHECKS = {
    'emails.value eq "001750ca-8202-47cd-b553-c63f4f245940"': TEXT,
    'emails[type eq "Primary"].value eq "001750ca-8202-47cd-b553-c63f4f245940"': TEXT,
    'emails[type eq "Primary"].value eq "9438932a-8202-47cd-b553-85afc2939193"': TEXT,
    'emails[value eq "bar"]': TEXT,
    'manager.$ref eq "/v2/Users/a"': NO_URN,
    'manager[$ref eq "/v2/Users/q" and value eq "q"] or userName eq "tom"': NO_URN,
    'emails[type eq "work"].value eq "user@example.com" and name eq "foo"': NO_VALUE,
    'name[givenName eq "goldfish"]': ONE_VALUE,
}

NO_OFFSET = "RFC 7643, section 2.3.5: xsd:dateTime may lack an offset; then it is UTC here, and comparable with nothing there"
MATCHES = {
    'meta.created gt "2019-12-20T04:40:00"': NO_OFFSET,
    'urn:ietf:params:scim:schemas:core:2.0:User:meta.created gt "2019-10-10T10:10:10"': NO_OFFSET,
}

REMOVE_VALUE = "RFC 7644, section 3.5.2.2, has no value for remove; Entra names there what is to go, and nothing else goes"
ONE_MEMBER = "members are a set of ids, so nobody is one twice; and $ref is the server's (RFC 7643, section 4.2)"
CREATED = "RFC 7644, section 3.5.2.3, asks for noTarget; Entra expects the element that the filter describes, with a type, to be made"
PATCHES = {
    "scimmy-remove-1": REMOVE_VALUE,
    "scimmy-remove-3": ONE_MEMBER,
    "scimmy-remove-4": ONE_MEMBER,
    "scimmy-remove-5": REMOVE_VALUE,
    "scimmy-replace-3": CREATED,
}


NOT_COMPARED = ("id", "meta", "schemas", "groups", "active", "password")


class Server:
    """A SCIM server."""

    def __init__(self, url: str, token: str):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
        self.http = Client(base_url=url, headers=headers, timeout=30)
        self.made: list[str] = []

    def create(self, endpoint: str, body: dict) -> dict:
        answer = self.http.post(endpoint, json=body)
        assert answer.status_code == 201, answer.text
        created = answer.json()
        self.made.append(f"{endpoint}/{created['id']}")
        return created

    def find(self, text: str) -> tuple[set[str] | None, str]:
        """The ids that a filter finds, or none and why it was refused."""
        answer = self.http.get("/Users", params={"filter": text, "count": 1000})
        body = answer.json()
        if answer.status_code == 200:
            return {resource["id"] for resource in body["Resources"]}, ""
        assert answer.status_code == 400 and body["scimType"] == "invalidFilter", f"{text}: {answer.text}"
        return None, body["detail"]

    def clean(self) -> None:
        for path in reversed(self.made):
            self.http.delete(path)


class Differences:
    """Differences found, against those that are listed with their rule."""

    def __init__(self, title: str, listed: dict[str, str]):
        self.title, self.listed, self.compared, self.found = title, listed, 0, {}

    def compare(self, name: str, ours, theirs) -> None:
        self.compared += 1
        if ours != theirs:
            self.found[name] = (ours, theirs)

    def report(self) -> bool:
        unlisted = {name: pair for name, pair in self.found.items() if name not in self.listed}
        stale = [name for name in self.listed if name not in self.found]
        for name, (ours, theirs) in unlisted.items():
            print(f"{self.title}: {name}\n    server:       {ours}\n    scim2-models: {theirs}")
        for name in stale:
            print(f"{self.title}: {name} is listed, and is no difference any more")
        told = f"{self.compared - len(self.found)} of {self.compared} equal, {len(self.found) - len(unlisted)} differ by a listed rule"
        print(f"scim2-models, {self.title}: {told}, {len(unlisted)} without one")
        return not unlisted and not stale and self.compared > 0


def parses(text: str) -> bool:
    try:
        ScimFilter(text)
    except InvalidFilterException:
        return False
    return True


def filters(server: Server) -> list[Differences]:
    users = json.loads((ORACLES / "users.json").read_text())
    made, names = [], {}
    for user in users:
        body = {name: value for name, value in user.items() if name not in ("id", "meta")}
        created = server.create("/Users", body)
        made.append(EnterpriseType.model_validate(created))
        names[created["id"]] = user["id"]

    verdicts = Differences("verdicts", VERDICTS)
    checks = Differences("checks", CHECKS)
    matches = Differences("matches", MATCHES)
    for line in (ORACLES / "filters.jsonl").read_text().splitlines():
        text = json.loads(line)["filter"]
        found, why = server.find(text)
        accepted = found is not None or any(phrase in why for phrase in OF_THE_SCHEMA)
        theirs = parses(text)
        verdicts.compare(text, accepted, theirs)
        if not (accepted and theirs):
            continue
        try:
            # A search names its types, so that what none of them has is an error.
            bound = SearchRequest[EnterpriseType](filter=text).filter
            expected = {names[user.id] for user in made if bound.match(user)}
        except (InvalidFilterException, ValidationError):
            expected = None
        checks.compare(text, found is not None, expected is not None)
        if found is not None and expected is not None:
            matches.compare(text, sorted(names[id] for id in found if id in names), sorted(expected))
    return [verdicts, checks, matches]


def plain(resource: dict, of_group: bool) -> dict:
    """A resource without what the server alone decides, what it never returns, and what it adds to members."""
    kept = {name: value for name, value in resource.items() if name not in NOT_COMPARED}
    if of_group:
        kept["members"] = sorted(member["value"] for member in resource.get("members") or [])
    if "emails" in kept:
        # Values stand in no order (RFC 7643, section 2.4), and neither do their parts.
        kept["emails"] = sorted(json.dumps(one, sort_keys=True) for one in kept["emails"])
    return {name: value for name, value in kept.items() if value not in (None, [], {})}


def patches(server: Server) -> Differences:
    differences = Differences("patches", PATCHES)
    for case in json.loads((ORACLES / "patch-cases.json").read_text()):
        source, text = dict(case["source"]), json.dumps(case["ops"])
        del source["id"]
        of_group = "members" in source
        if of_group:
            # The cases put members into users.
            del source["userName"]
            ids = {}
            for member in source["members"]:
                if member["value"] not in ids:
                    ids[member["value"]] = server.create("/Users", {"userName": f"member-{uuid.uuid4()}"})["id"]
            for old, new in ids.items():
                text = text.replace(old, new)
            source["members"] = [{**member, "value": ids[member["value"]]} for member in source["members"]]
            source["displayName"] = f"{case['id']}-{uuid.uuid4()}"
        else:
            source["userName"] += f"-{uuid.uuid4()}"
        kind, endpoint = (Group, "/Groups") if of_group else (EnterpriseType, "/Users")
        created = server.create(endpoint, source)
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": json.loads(text)}
        answer = server.http.patch(f"{endpoint}/{created['id']}", json=body)
        if answer.status_code == 200:
            ours = plain(server.http.get(f"{endpoint}/{created['id']}").json(), of_group)
        else:
            ours = answer.json().get("scimType")
        differences.compare(case["id"], ours, patched(kind, {**source, "id": created["id"]}, body, of_group))
    return differences


def patched(kind: type, source: dict, body: dict, of_group: bool):
    """What scim2-models makes of it, or the keyword of its refusal."""
    try:
        resource = kind.model_validate(source)
        operations = PatchOp[kind].model_validate(body)
        operations.patch(resource)
    except SCIMException as error:
        return error.scim_type
    except ValidationError as error:
        return error.errors()[0]["type"].removeprefix("scim_")
    shown = resource.model_dump(mode="json", by_alias=True, exclude_none=True)
    return plain(shown, of_group)


def main() -> int:
    url, token = sys.argv[1:]
    server = Server(url, token)
    try:
        results = [*filters(server), patches(server)]
    finally:
        server.clean()
    # A list, so that every report is printed.
    return 0 if all([result.report() for result in results]) else 1


if __name__ == "__main__":
    sys.exit(main())
