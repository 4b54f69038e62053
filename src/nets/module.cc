#include "nets/module.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace saker::nets {
namespace {

const Attribute* find(const Module& module, std::string_view name) {
  const auto found = module.attributes.find(name);
  return found == module.attributes.end() ? nullptr : &found->second;
}

}  // namespace

const Module* Module::child(std::string_view child_name) const {
  const auto found = std::ranges::find(children, child_name, &Module::name);
  return found == children.end() ? nullptr : &*found;
}

const Tensor* Module::weight(std::string_view weight_name) const {
  const auto found = weights.find(weight_name);
  return found == weights.end() ? nullptr : &found->second;
}

std::int64_t Module::integer(std::string_view attribute, std::int64_t fallback) const {
  const std::vector<std::int64_t> list = integers(attribute);
  return list.empty() ? fallback : list[0];
}

double Module::number(std::string_view attribute, double fallback) const {
  const Attribute* value = find(*this, attribute);
  if (value == nullptr) return fallback;
  if (const auto* real = std::get_if<double>(value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(value)) return static_cast<double>(*whole);
  return fallback;
}

bool Module::flag(std::string_view attribute, bool fallback) const {
  const Attribute* value = find(*this, attribute);
  const auto* set = value == nullptr ? nullptr : std::get_if<bool>(value);
  return set == nullptr ? fallback : *set;
}

std::string Module::text(std::string_view attribute) const {
  const Attribute* value = find(*this, attribute);
  const auto* words = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return words == nullptr ? std::string() : *words;
}

std::vector<std::int64_t> Module::integers(std::string_view attribute) const {
  const Attribute* value = find(*this, attribute);
  if (value == nullptr) return {};
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(value)) return *list;
  if (const auto* whole = std::get_if<std::int64_t>(value)) return {*whole};
  return {};
}

std::string Module::describe() const {
  return fmt::format("{} ({})", path.empty() ? "the model" : printable_name(path), printable_name(type));
}

}  // namespace saker::nets
