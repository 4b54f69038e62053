// The files of an export (export.h).
#include <filesystem>

#include "base/files.h"
#include "base/try.h"
#include "exports/export.h"

namespace saker {

std::vector<std::string> paths_of(const ExportedModel& exported, const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  for (const ExportedFile& file : exported.files) {
    const fs::path main(path);
    const bool is_suffix = file.name.starts_with('.');
    const fs::path other = is_suffix ? fs::path(main).replace_extension(file.name) : main.parent_path() / file.name;
    paths.push_back(paths.empty() ? path : other.string());
  }
  return paths;
}

Status write_files(const ExportedModel& exported, const std::string& path) {
  const std::vector<std::string> paths = paths_of(exported, path);
  std::vector<FileWriter> writers;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    SAKER_ASSIGN(FileWriter writer, FileWriter::create(paths[i]));
    SAKER_TRY(writer.append(exported.files[i].bytes));
    writers.push_back(std::move(writer));
  }
  // What the main file names is there before it is.
  for (std::size_t i = writers.size(); i-- > 0;) SAKER_TRY(writers[i].finish());
  return {};
}

}  // namespace saker
