"""Runs scim2-tester against a live server and tells every check that is not a success.

judge_scim2_tester.py URL TOKEN
"""

import collections
import sys

import scim2_tester
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester.utils import Status

PASSING = {Status.SUCCESS, Status.SKIPPED}


def main() -> int:
    url, token = sys.argv[1:]
    http = Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    results = scim2_tester.check_server(SyncSCIMClient(http))
    for result in results:
        if result.status is not Status.SUCCESS:
            print(f"{result.status.name} {result.title} {getattr(result, 'resource_type', None) or ''}: {result.reason}")
    counts = collections.Counter(result.status.name for result in results)
    passed = sum(result.status in PASSING for result in results)
    print(f"scim2-tester: {passed} of {len(results)} checks ({dict(counts)})")
    return 0 if results and passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
