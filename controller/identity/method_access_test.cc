// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/method_access.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "firebreak/v1/access.pb.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::controller {
namespace {

const google::protobuf::ServiceDescriptor& Service(const char* name) {
  return *google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
}

// The descriptors are linked in with the messages.
const v1::EnrolRequest kFleet;
const v1::GetHostRequest kAdmin;

TEST(MethodAccess, EachMethodSaysWhoMayCallIt) {
  for (const char* name : {"firebreak.v1.Admin", "firebreak.v1.Fleet", "firebreak.v1.Enrolment"}) {
    for (int i = 0; i < Service(name).method_count(); ++i) {
      const auto& method = *Service(name).method(i);
      EXPECT_NE(method.options().GetExtension(v1::access).role(), v1::Access::unspecified)
          << method.full_name() << ": write option (access) at it";
    }
  }
}

TEST(MethodAccess, AllOfTheAdminServiceIsForAdministrators) {
  for (int i = 0; i < Service("firebreak.v1.Admin").method_count(); ++i) {
    const auto& method = *Service("firebreak.v1.Admin").method(i);
    EXPECT_EQ(AccessTo(method).role, Role::kAdmin) << method.full_name();
  }
}

TEST(MethodAccess, TheOtherServicesAreForHostsAndNoMethodForAnybody) {
  for (const char* name : {"firebreak.v1.Fleet", "firebreak.v1.Enrolment"}) {
    for (int i = 0; i < Service(name).method_count(); ++i) {
      const auto& method = *Service(name).method(i);
      EXPECT_EQ(AccessTo(method).role, Role::kHost) << method.full_name();
    }
  }
}

TEST(MethodAccess, TheTrailNamesMethodsInWords) {
  const auto& admin = Service("firebreak.v1.Admin");
  EXPECT_EQ(ActionOf(*admin.FindMethodByName("GetVersion")), "get version");
  EXPECT_EQ(ActionOf(*Service("firebreak.v1.Fleet").FindMethodByName("Reach")), "reach");
}

}  // namespace
}  // namespace firebreak::controller
