// Where the numbers of an ONNX file's tensors come from: the file itself, and external data beside it.
#pragma once

#include <saker/result.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/files.h"
#include "model/budget.h"

namespace saker::onnx {

class TensorSource {
 public:
  // `folders` are where external data may lie, below them too; empty: none. Of a cache of Hugging Face's hub, where
  // files in `snapshots/REVISION` are links, that is also its `blobs`. All files of external data together may have
  // `max_external_bytes`.
  TensorSource(const FileBytes& file, std::vector<std::string> folders, std::size_t max_external_bytes);

  // Keeps the message's bytes alive; null: somebody else does, and tensors are copied.
  const std::shared_ptr<std::byte>& owner() const { return owner_; }

  // Bytes [offset, offset + size) of a plain file inside the folders, links resolved. A file is read once, whole, and
  // shared by all tensors in it; `owner` of the result keeps it alive.
  struct Region {
    std::byte* data = nullptr;
    std::shared_ptr<std::byte> owner;
  };
  Result<Region> external(const std::string& location, std::size_t offset, std::size_t size);

  // Counts bytes that are copied.
  Status spend(std::size_t bytes) { return budget_.spend(bytes); }

 private:
  Result<FileBytes> open(const std::string& location);

  std::shared_ptr<std::byte> owner_;
  std::vector<std::string> folders_;
  std::size_t max_external_bytes_, external_bytes_ = 0;
  Budget budget_;
  std::map<std::string, FileBytes> files_;  // external data, by location
};

}  // namespace saker::onnx
