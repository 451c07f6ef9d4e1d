// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_DOCS_LOCAL_API_AGENT_H_
#define FIREBREAK_DOCS_LOCAL_API_AGENT_H_

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

#include "firebreak/v1/host.pb.h"

// For programs that ask this host's Firebreak agent. docs/local-api.md explains the protocol. Needs
// C++17 and protobuf; a program of your own may copy it.

// A connection to the agent's socket. Throws std::runtime_error, with the agent's reason if it is
// the agent that refuses. For one thread.
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
  firebreak::v1::Answer Ask(firebreak::v1::Question question) {
    question.set_id(++last_id_);
    const std::string message = question.SerializeAsString();
    const uint32_t length = htonl(static_cast<uint32_t>(message.size()));
    Write(std::string(reinterpret_cast<const char*>(&length), sizeof length) + message);
    firebreak::v1::Answer answer;
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
    if (!answer.local_switch().refused().empty()) {
      throw std::runtime_error(answer.local_switch().refused());
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

#endif  // FIREBREAK_DOCS_LOCAL_API_AGENT_H_
