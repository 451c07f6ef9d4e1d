// SPDX-License-Identifier: Apache-2.0

// Asks this host's Firebreak agent to let TCP connections in at a port while this program runs.
//
//   protoc -I proto --cpp_out=. proto/firebreak/v1/*.proto
//   g++ -std=c++17 -I. ask.cc firebreak/v1/*.cc -lprotobuf -o ask
//   ./ask 8080 "a demonstration"
//
// docs/local-api.md explains the protocol.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

#include "firebreak/v1/host.pb.h"

namespace v1 = firebreak::v1;

// A connection to the agent's socket. Throws std::runtime_error, with the agent's reason if it is
// the agent that refuses.
class Agent {
 public:
  explicit Agent(const std::string& path) : socket_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      close(socket_);
      throw std::runtime_error("cannot connect to " + path + ": " + strerror(errno));
    }
  }
  ~Agent() { close(socket_); }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  // Sends the question and returns all parts of its answer as one.
  v1::Answer Ask(v1::Question question) {
    question.set_id(++last_id_);
    const std::string message = question.SerializeAsString();
    const uint32_t length = htonl(static_cast<uint32_t>(message.size()));
    Write(std::string(reinterpret_cast<const char*>(&length), sizeof length) + message);
    v1::Answer answer;
    while (!answer.last()) {
      uint32_t size = 0;
      Read(&size, sizeof size);
      std::string part(ntohl(size), '\0');
      Read(part.data(), part.size());
      if (!answer.MergeFromString(part)) throw std::runtime_error("the agent's answer is damaged");
    }
    if (!answer.error().empty()) throw std::runtime_error(answer.error());
    if (!answer.local_mapping().refused().empty()) {
      throw std::runtime_error(answer.local_mapping().refused());
    }
    return answer;
  }

 private:
  void Write(const std::string& bytes) {
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t sent = send(socket_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("the agent has closed the connection");
      done += static_cast<size_t>(sent);
    }
  }
  void Read(void* to, size_t bytes) {
    for (size_t done = 0; done < bytes;) {
      const ssize_t got = recv(socket_, static_cast<char*>(to) + done, bytes - done, 0);
      if (got <= 0) throw std::runtime_error("the agent has closed the connection");
      done += static_cast<size_t>(got);
    }
  }

  const int socket_;
  uint64_t last_id_ = 0;
};

template <typename List>
bool Has(const List& list, uint64_t number) {
  return std::any_of(list.begin(), list.end(),
                     [&](const v1::LocalMapping& one) { return one.number() == number; });
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: ask PORT REASON [SOCKET]\n");
    return 2;
  }
  try {
    Agent agent(argc > 3 ? argv[3] : "/run/firebreak/agent.sock");
    v1::Question question;
    v1::LocalMapping& wanted = *question.mutable_local_mapping()->mutable_ask();
    wanted.mutable_mapping()->set_protocol("tcp");
    wanted.mutable_mapping()->add_ports(argv[1]);
    wanted.set_reason(argv[2]);
    wanted.set_unit("process");  // it ends with this program
    const uint64_t number = agent.Ask(question).local_mapping().number();
    printf("request %llu waits for an administrator\n", static_cast<unsigned long long>(number));
    fflush(stdout);
    for (;; sleep(1)) {
      v1::Question list;
      list.mutable_local_mapping()->mutable_list();
      const v1::LocalMappingAnswer known = agent.Ask(list).local_mapping();
      if (Has(known.open(), number)) break;
      if (!Has(known.asked(), number)) {
        fprintf(stderr, "request %llu is refused\n", static_cast<unsigned long long>(number));
        return 1;
      }
    }
    printf("request %llu is granted\n", static_cast<unsigned long long>(number));
    fflush(stdout);
    while (getchar() != EOF) {  // here the program would serve; until its input ends
    }
  } catch (const std::runtime_error& error) {
    fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
