// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/box.h"

#include <algorithm>
#include <cmath>

namespace firebreak::policy {
namespace {

AddressNumber LastAddress(size_t address_bytes) {
  return address_bytes == 16 ? ~AddressNumber{0} : (AddressNumber{1} << (address_bytes * 8)) - 1;
}

}  // namespace

void Box::SetFirst(Axis axis, AddressNumber value) {
  if (axis == kAddress) {
    first_address = value;
  } else {
    first16[axis] = static_cast<uint16_t>(value);
  }
}

void Box::SetLast(Axis axis, AddressNumber value) {
  if (axis == kAddress) {
    last_address = value;
  } else {
    last16[axis] = static_cast<uint16_t>(value);
  }
}

Box WholeBox(size_t address_bytes) { return {.last_address = LastAddress(address_bytes)}; }

bool Intersects(const Box& a, const Box& b) {
  return a.first_address <= b.last_address && b.first_address <= a.last_address &&
         a.first16[Box::kPort] <= b.last16[Box::kPort] &&
         b.first16[Box::kPort] <= a.last16[Box::kPort] &&
         a.first16[Box::kProtocol] <= b.last16[Box::kProtocol] &&
         b.first16[Box::kProtocol] <= a.last16[Box::kProtocol] &&
         a.first16[Box::kSourcePort] <= b.last16[Box::kSourcePort] &&
         b.first16[Box::kSourcePort] <= a.last16[Box::kSourcePort];
}

bool Covers(const Box& outer, const Box& inner) {
  return std::all_of(Box::kAxes.begin(), Box::kAxes.end(), [&](Box::Axis axis) {
    return outer.First(axis) <= inner.First(axis) && outer.Last(axis) >= inner.Last(axis);
  });
}

Box Intersection(const Box& a, const Box& b) {
  Box box;
  for (const Box::Axis axis : Box::kAxes) {
    box.SetFirst(axis, std::max(a.First(axis), b.First(axis)));
    box.SetLast(axis, std::min(a.Last(axis), b.Last(axis)));
  }
  return box;
}

Box Hull(const Box& a, const Box& b) {
  Box box;
  for (const Box::Axis axis : Box::kAxes) {
    box.SetFirst(axis, std::min(a.First(axis), b.First(axis)));
    box.SetLast(axis, std::max(a.Last(axis), b.Last(axis)));
  }
  return box;
}

double ShareOf(const Box& box, size_t address_bytes) {
  const Box whole = WholeBox(address_bytes);
  double share = 1;
  for (const Box::Axis axis : Box::kAxes) {
    share *= (static_cast<double>(box.Last(axis) - box.First(axis)) + 1) /
             (static_cast<double>(whole.Last(axis) - whole.First(axis)) + 1);
  }
  return share;
}

AddressNumber ToAddressNumber(const std::string& bytes) {
  AddressNumber number = 0;
  for (const unsigned char byte : bytes) number = number << 8 | byte;
  return number;
}

std::string ToAddressBytes(AddressNumber number, size_t address_bytes) {
  std::string bytes(address_bytes, '\0');
  for (size_t i = address_bytes; i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number & 0xff);
  return bytes;
}

}  // namespace firebreak::policy
