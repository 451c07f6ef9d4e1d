// SPDX-License-Identifier: Apache-2.0
#include "agent/mappings/mapping_desk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/mappings/check_wanted.h"
#include "agent/mappings/mapping_table.h"
#include "agent/switch/process.h"
#include "base/log/log.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

using v1::LocalMappingEvent;
using v1::LocalMappingQuestion;

constexpr int kPartMappings = 8;
constexpr size_t kMaxReason = 256;
constexpr char kOfTheFleet[] = "an administrator of the fleet";

// "for 1h", "until unit game.service ends", "until it is removed".
std::string UntilWhen(const v1::LocalMapping& wanted, uint64_t seconds) {
  if (seconds == 0) seconds = wanted.seconds();
  std::string text =
      seconds == 0 ? "" : absl::StrCat("for ", absl::FormatDuration(absl::Seconds(seconds)));
  if (!wanted.unit().empty()) {
    absl::StrAppend(&text, text.empty() ? "" : ", and no longer than ", "until ", wanted.unit(),
                    " ends");
  }
  return text.empty() ? "until it is removed" : text;
}

std::string QuestionOf(const LocalMappingEvent& event, const std::string& until) {
  const v1::LocalMapping& what = event.what();
  return absl::StrCat(
      "Firebreak: shall this host let in what its policy does not?\n", "  what      ",
      DescribeMapping(what), "\n  effect    whatever listens there can be reached ",
      what.mapping().from().empty() ? "by anybody" : "from these addresses",
      ", whichever program it is\n", "  until     ", Plain(until, kMaxReason), "\n", "  asked by  ",
      what.program(), "\n", "  of        ", what.user(), "\n", "  reason    ",
      what.reason().empty() ? "none given" : Plain(what.reason(), kMaxReason));
}

}  // namespace

void MappingDesk::Answer(std::shared_ptr<Reply> reply) {
  const LocalMappingQuestion& question = reply->question().local_mapping();
  const Caller& caller = reply->caller();
  if (question.what_case() == LocalMappingQuestion::kList) return List(std::move(reply));
  Wish wish = {.reply = reply, .event = {}};
  wish.event.set_by(caller.local ? DescribeUser(caller.user, caller.process) : kOfTheFleet);
  switch (question.what_case()) {
    case LocalMappingQuestion::kAdd: return Add(std::move(wish), question.add());
    case LocalMappingQuestion::kAsk: return Ask(std::move(wish), question.ask());
    case LocalMappingQuestion::kDecide: return Decide(std::move(wish), question.decide());
    case LocalMappingQuestion::kRemove: return Remove(wish, question.remove());
    default: reply->Fail(absl::UnimplementedError("this agent does not know the question"));
  }
}

void MappingDesk::List(std::shared_ptr<Reply> reply) const {
  const Caller& caller = reply->caller();
  const bool all = !caller.local || caller.may_act;
  auto seen = std::make_shared<v1::LocalMappings>(keeper_.mappings());
  for (auto* list : {seen->mutable_open(), seen->mutable_asked()}) {
    const auto others = std::remove_if(list->begin(), list->end(), [&](const auto& one) {
      return !all && one.uid() != caller.user;
    });
    list->erase(others, list->end());
  }
  Reply::Pull(std::move(reply), [seen, at = 0]() mutable {
    v1::Answer part;
    v1::LocalMappingAnswer& list = *part.mutable_local_mapping();
    const int all = seen->open_size() + seen->asked_size();
    for (int i = 0; i < kPartMappings && at < all; ++i, ++at) {
      const int asked = at - seen->open_size();
      *(asked < 0 ? list.add_open() : list.add_asked()) =
          asked < 0 ? seen->open(at) : seen->asked(asked);
    }
    part.set_last(at == all);
    return part;
  });
}

absl::Status MappingDesk::Identify(Wish& wish) {
  const Caller& caller = wish.reply->caller();
  v1::LocalMapping& what = *wish.event.mutable_what();
  what.set_uid(caller.user);
  what.set_user(wish.event.by());
  ASSIGN_OR_RETURN(const Process process, ReadProcess(caller.process));
  std::string program = DescribeProgram(process);
  // Looked at afterwards: until then nobody else had its number.
  if (!IsThere(caller)) {
    return absl::FailedPreconditionError("the program that has connected runs no longer");
  }
  what.set_program(std::move(program));
  return absl::OkStatus();
}

absl::Status MappingDesk::TakeIn(const v1::LocalMapping& asked, Wish& wish) const {
  const Caller& caller = wish.reply->caller();
  v1::LocalMapping& what = *wish.event.mutable_what();
  wish.wanted = DescribeMapping(asked);
  what.set_reason(Readable(asked.reason(), kMaxReason));
  RETURN_IF_ERROR(Identify(wish));
  ASSIGN_OR_RETURN(v1::LocalMapping wanted,
                   CheckWanted(asked, caller.may_act ? Wanter::kRoot : Wanter::kOther));
  ASSIGN_OR_RETURN(Holder holder, FindHolder(wanted.unit(), caller));
  wanted.set_unit(holder.name);
  wanted.set_uid(what.uid());
  wanted.set_user(what.user());
  wanted.set_program(what.program());
  what = std::move(wanted);
  wish.holder = std::make_shared<Holder>(std::move(holder));
  return CheckPlace(what);
}

absl::Status MappingDesk::CheckPlace(const v1::LocalMapping& wanted) const {
  const std::vector<policy::Interface> interfaces = keeper_.Interfaces();
  const bool known = wanted.interface().empty() ||
                     std::any_of(interfaces.begin(), interfaces.end(),
                                 [&](const auto& one) { return one.name == wanted.interface(); });
  if (known) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("this host has no interface ", Plain(wanted.interface(), kMaxReason)));
}

policy::LocalPermission MappingDesk::PermissionFor(const v1::LocalMapping& wanted) const {
  v1::LocalSwitch place;
  place.set_interface(wanted.interface());
  place.set_location(wanted.location());
  return keeper_.PermissionFor(place);
}

void MappingDesk::Add(Wish wish, const v1::LocalMapping& asked) {
  if (!wish.reply->caller().local) {
    return wish.reply->Fail(absl::PermissionDeniedError(
        "a host's own mappings are added on the host; from elsewhere use `firebreak mapping add`"));
  }
  const absl::Status status = TakeIn(asked, wish);
  if (!wish.reply->caller().may_act) {
    return Refuse(wish, "only root may add a mapping; others can ask for it");
  }
  if (!status.ok()) return Refuse(wish, std::string(status.message()));
  OpenIfPermitted(std::move(wish));
}

void MappingDesk::Ask(Wish wish, const v1::LocalMapping& asked) {
  if (!wish.reply->caller().local) {
    return wish.reply->Fail(
        absl::PermissionDeniedError("only programs of the host itself ask for mappings"));
  }
  absl::Status status = TakeIn(asked, wish);
  if (!status.ok()) return Refuse(wish, std::string(status.message()));
  const policy::LocalPermission permission = PermissionFor(wish.event.what());
  if (permission.level == v1::LocalControl::deny) {
    return Refuse(wish, permission.reason);
  }
  v1::LocalMappings table = keeper_.mappings();
  const absl::StatusOr<Asked> request = AskForMapping(wish.event.what(), absl::Now(), table);
  if (!request.ok()) return Refuse(wish, std::string(request.status().message()));
  const uint64_t number = request->mapping.number();
  if (!request->is_new) return Done(*wish.reply, number);
  if (!records_.Take(wish.reply->caller(), absl::Now())) {
    return Refuse(wish, "this user asks too often; wait some minutes");
  }
  if (status = keeper_.SetMappings(std::move(table)); !status.ok()) {
    return Refuse(wish, absl::StrCat("it cannot be kept: ", status.message()));
  }
  Hold(number, std::move(*wish.holder));
  Tell(LocalMappingEvent::asked, request->mapping, "", "");
  FollowTable();
  Done(*wish.reply, number);
}

void MappingDesk::Decide(Wish wish, const v1::LocalMappingDecision& decision) {
  if (!wish.reply->caller().may_act) {
    if (absl::Status status = Identify(wish); !status.ok()) return wish.reply->Fail(status);
    return Refuse(wish, "only root decides about requests");
  }
  v1::LocalMappings table = keeper_.mappings();
  const absl::StatusOr<v1::LocalMapping> request = RemoveRequest(decision.number(), table);
  if (!request.ok()) return wish.reply->Fail(request.status());
  *wish.event.mutable_what() = *request;
  if (decision.grant()) {
    wish.number = decision.number();
    wish.seconds = decision.seconds();
    return OpenIfPermitted(std::move(wish));
  }
  if (absl::Status status = keeper_.SetMappings(std::move(table)); !status.ok()) {
    return wish.reply->Fail(status);
  }
  Tell(LocalMappingEvent::refused, *request, wish.event.by(), "refused by hand");
  FollowTable();
  Done(*wish.reply, decision.number());
}

void MappingDesk::Remove(const Wish& wish, uint64_t number) {
  const Caller& caller = wish.reply->caller();
  v1::LocalMappings table = keeper_.mappings();
  const absl::StatusOr<Removed> removed = RemoveMapping(
      number, caller.may_act ? std::nullopt : std::optional<uint32_t>(caller.user), table);
  if (!removed.ok()) return wish.reply->Fail(removed.status());
  if (absl::Status status = keeper_.SetMappings(std::move(table)); !status.ok()) {
    return wish.reply->Fail(status);
  }
  Tell(LocalMappingEvent::removed, removed->mapping, wish.event.by(),
       removed->was_open ? "" : "it was only asked for");
  FollowTable();
  Done(*wish.reply, number);
}

void MappingDesk::OpenIfPermitted(Wish wish) {
  const policy::LocalPermission permission = PermissionFor(wish.event.what());
  if (permission.level == v1::LocalControl::deny) {
    return Refuse(wish, permission.reason);
  }
  // An administrator of the fleet is who wants others to be asked.
  const bool asks = permission.level == v1::LocalControl::confirm && wish.reply->caller().local;
  if (asks) return Confirm(std::move(wish));
  Open(wish);
}

void MappingDesk::Confirm(Wish wish) {
  absl::StatusOr<Terminal> terminal =
      consent_.OpenTerminal(wish.reply->caller().process, "mapping");
  if (!terminal.ok()) return Refuse(wish, std::string(terminal.status().message()));
  v1::Answer part;
  part.mutable_local_mapping()->set_terminal(terminal->name);
  wish.reply->Part(std::move(part), [] {});
  wish.event.set_by(absl::StrCat(wish.event.by(), ", at ", terminal->name));
  consent_.Ask(*std::move(terminal),
               QuestionOf(wish.event, UntilWhen(wish.event.what(), wish.seconds)), wish.reply,
               "whoever was asked did not wait for the question",
               [this, wish](const absl::Status& status) {
                 if (!status.ok()) return Refuse(wish, std::string(status.message()));
                 // The policy may have changed while the person was asked.
                 const policy::LocalPermission permission = PermissionFor(wish.event.what());
                 if (permission.level == v1::LocalControl::deny) {
                   return Refuse(wish, permission.reason);
                 }
                 Open(wish);
               });
}

void MappingDesk::Open(const Wish& wish) {
  v1::LocalMappings table = keeper_.mappings();
  const bool grants = wish.number != 0;
  const absl::StatusOr<v1::LocalMapping> opened =
      grants ? GrantMapping(wish.number, wish.seconds, wish.event.by(), absl::Now(), table)
             : AddMapping(wish.event.what(), wish.event.by(), absl::Now(), table);
  if (!opened.ok()) return Refuse(wish, std::string(opened.status().message()));
  // Its program may have ended while a person was asked.
  const auto holder = holders_.find(wish.number);
  const std::optional<std::string> gone =
      grants ? (holder != holders_.end() ? WhyGone(holder->second) : std::nullopt)
             : WhyGone(*wish.holder);
  if (gone.has_value()) return Refuse(wish, *gone);
  v1::HostEvent event;
  LocalMappingEvent& told = *event.mutable_local_mapping();
  told.set_kind(grants ? LocalMappingEvent::granted : LocalMappingEvent::added);
  *told.mutable_what() = *opened;
  told.set_by(wish.event.by());
  // The event is written first: what is not recorded must not be opened.
  if (absl::Status status = events_.Keep(std::move(event)); !status.ok()) {
    return Refuse(wish,
                  absl::StrCat("it cannot be recorded, and so is not done: ", status.message()));
  }
  if (absl::Status status = keeper_.SetMappings(std::move(table)); !status.ok()) {
    return Refuse(wish, absl::StrCat("it was recorded, but could not be done: ", status.message()));
  }
  LogWarning("mapping ", opened->number(), " is open: ", DescribeMapping(*opened), ", for ",
             opened->user(), " with ", opened->program(), ", by ", opened->granted_by());
  if (!grants) Hold(opened->number(), std::move(*wish.holder));
  FollowTable();
  Done(*wish.reply, opened->number());
}

void MappingDesk::Refuse(const Wish& wish, const std::string& why) {
  if (records_.Take(wish.reply->caller(), absl::Now())) {
    const bool says = wish.event.what().has_mapping() || wish.wanted.empty();
    Tell(LocalMappingEvent::refused, wish.event.what(), wish.event.by(),
         Readable(absl::StrCat(wish.number != 0 ? "not granted, and still asked for: " : "", why,
                               says ? "" : absl::StrCat("; wanted: ", wish.wanted)),
                  2 * kMaxReason));
  }
  v1::Answer answer;
  answer.mutable_local_mapping()->set_refused(why);
  wish.reply->Last(std::move(answer));
}

void MappingDesk::Done(Reply& reply, uint64_t number) {
  v1::Answer answer;
  answer.mutable_local_mapping()->set_number(number);
  reply.Last(std::move(answer));
}

}  // namespace firebreak::agent
