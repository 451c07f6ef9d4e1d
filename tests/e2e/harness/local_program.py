# SPDX-License-Identifier: Apache-2.0
"""A program of a host that asks its agent: questions on stdin, answers on stdout, as JSON lines.

  local_program.py SOCKET DIRECTORY...

The directories have the example's `ask` and the generated messages.
"""

import json
import sys

sys.path[:0] = sys.argv[2:]

import ask  # pylint: disable=wrong-import-position
from firebreak.v1 import host_pb2  # pylint: disable=wrong-import-position
from google.protobuf import json_format  # pylint: disable=wrong-import-position


def main():
  try:
    agent = ask.Agent(sys.argv[1])
  except OSError as error:
    sys.exit(str(error))
  for line in sys.stdin:
    try:
      answer = agent.ask(json_format.Parse(line, host_pb2.Question()))
      answer = json_format.MessageToDict(answer, preserving_proto_field_name=True)
    except RuntimeError as error:
      answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)


main()
