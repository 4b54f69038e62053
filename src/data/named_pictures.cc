#include "data/named_pictures.h"

#include <fmt/format.h>

#include <unordered_set>

#include "base/text.h"
#include "base/try.h"
#include "data/formats.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& folder, const std::string& file) {
  std::error_code ignored;
  return !file.empty() && lies_below(folder, file) && fs::exists((folder / file).lexically_normal(), ignored);
}

}  // namespace

Status NamedPictures::find_folder(const std::vector<fs::path>& candidates) {
  const std::vector<Picture>& pictures = dataset_.pictures;
  DatasetOptions as_written = options_;
  as_written.need_pictures = false;
  SAKER_TRY(find_pictures(dataset_, as_written, candidates, [&](const fs::path& folder, std::size_t i) {
    const bool there = is_there(folder, pictures[i].file);
    any_found_ = any_found_ || there;
    return there;
  }));
  if (any_found_) return {};
  return find_pictures(dataset_, options_, candidates, [&](const fs::path& folder, std::size_t i) {
    const std::string& file = pictures[i].file;
    const bool there =
        !(options_.images.empty() ? existing_tail(folder, file) : search_.find(folder, file).file).empty();
    any_found_ = any_found_ || there;
    return there;
  });
}

void NamedPictures::settle() {
  for (std::size_t i = 0; i < dataset_.pictures.size(); ++i) {
    const std::string& file = dataset_.pictures[i].file;
    if (file == ".." || file.find_first_of("/\\") != std::string::npos) look_for(i);
  }
  if (moved_.empty()) return;
  refuse_shared();
  std::erase_if(moved_, [this](const auto& each) { return problems_.contains(each.first); });
  if (moved_.empty()) return;
  dataset_.notes.push_back(fmt::format("{} of {} file names are another machine's, found in {} by their ends: {} is {}",
                                       moved_.size(), dataset_.pictures.size(), dataset_.folder,
                                       printable_name(dataset_.pictures[moved_.front().first].file),
                                       moved_.front().second));
  for (auto& [picture, file] : moved_) dataset_.pictures[picture].file = std::move(file);
}

const std::string& NamedPictures::problem(std::size_t picture) const {
  static const std::string none;
  const auto known = problems_.find(picture);
  return known == problems_.end() ? none : known->second;
}

std::string NamedPictures::misplaced(std::size_t picture) const {
  const std::string& file = dataset_.pictures[picture].file;
  return lies_below(dataset_.folder, file)
             ? fmt::format("is not in {}: {}", dataset_.folder, file)
             : fmt::format("is outside {}, where the pictures are: {}", dataset_.folder, file);
}

void NamedPictures::look_for(std::size_t picture) {
  std::string& file = dataset_.pictures[picture].file;
  if (is_there(dataset_.folder, file)) return;
  FileSearch::Found found = any_found_ ? search_.find(dataset_.folder, file) : FileSearch::Found();
  if (!found.other.empty()) {
    problems_[picture] = fmt::format("{}; it may be {} or {} there", misplaced(picture), found.file, found.other);
  } else if (!found.file.empty()) {
    moved_.emplace_back(picture, std::move(found.file));
  } else if (!lies_below(dataset_.folder, file)) {
    if (options_.names_only) {
      file = last_part(file);
    } else {
      problems_[picture] = misplaced(picture);
    }
  }
}

// Two names for one file: one of them, at least, is a guess that is wrong.
void NamedPictures::refuse_shared() {
  const std::vector<Picture>& pictures = dataset_.pictures;
  std::unordered_map<std::string, std::size_t> owners;
  const auto place = [&](const std::string& file) { return (fs::path(dataset_.folder) / file).lexically_normal(); };
  std::unordered_set<std::size_t> is_moved;
  for (const auto& [picture, file] : moved_) is_moved.insert(picture);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (!is_moved.contains(i) && !problems_.contains(i)) owners.emplace(place(pictures[i].file).string(), i);
  }
  for (const auto& [picture, file] : moved_) {
    const auto [owner, is_first] = owners.emplace(place(file).string(), picture);
    const std::size_t other = owner->second;
    if (is_first || pictures[other].file == pictures[picture].file) continue;
    const auto refuse = [&, own_file = file](std::size_t one, std::size_t two) {
      problems_[one] = fmt::format("{}; {} may be it, but also {}", misplaced(one), own_file, pictures[two].file);
    };
    refuse(picture, other);
    if (is_moved.contains(other)) refuse(other, picture);
  }
}

}  // namespace saker
