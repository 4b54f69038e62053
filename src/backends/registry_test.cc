// Plug-ins found, loaded and refused. The fakes are tests/support/fake_backend.cc.
#include "backends/registry.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "backends/abi.h"
#include "backends/trial.h"
#include "base/knobs.h"
#include "base/plugin_file.h"
#include "support/engine_testing.h"
#include "support/temp_folder.h"

namespace saker {
namespace {

const std::string kFakes = SAKER_FAKE_BACKENDS;
// Before anything reads the knobs.
const int kKnobSet = setenv("SAKER_BACKENDS", SAKER_FAKE_BACKENDS, 1);

using test::TempFolder;

Result<Plugin> load(const std::string& name, std::vector<std::string> folders = {kFakes}) {
  return load_plugin(name, folders);
}

void expect_broken(const std::string& name, const std::string& folder, const std::string& why) {
  const auto plugin = load(name, {folder});
  ASSERT_FALSE(plugin.ok()) << name;
  EXPECT_EQ(plugin.error().code, ErrorCode::kInternal);
  for (const std::string& part : {"/saker_" + name + ".so", why, "scripts/install_backends.sh " + name}) {
    EXPECT_NE(plugin.error().message.find(part), std::string::npos) << plugin.error().message;
  }
}

TEST(Registry, KnownBackendsAreWellFormed) {
  std::set<std::string> names = {"saker", "auto"};
  for (const KnownBackend& known : known_backends()) {
    EXPECT_TRUE(names.insert(known.name).second) << known.name;
    EXPECT_FALSE(known.extensions.empty());
    for (const char* extension : known.extensions) EXPECT_EQ(extension[0], '.') << known.name;
  }
}

TEST(Registry, LoadsAPluginThatRuns) {
  const auto plugin = load("onnxruntime");
  ASSERT_TRUE(plugin.ok()) << plugin.error().message;
  EXPECT_EQ(plugin->file, kFakes + "/saker_onnxruntime.so");
  EXPECT_EQ(plugin->backend->version(), "0.0.fake");
  auto model = plugin->backend->load("any.onnx");
  ASSERT_TRUE(model.ok());
  EXPECT_EQ((*model)->describe()->inputs[0].shape, (Shape{-1, 3, -1, -1}));
  SessionOptions options;
  options.input_shapes = {{1, 3, 2, 2}};
  auto session = (*model)->compile(options);
  ASSERT_TRUE(session.ok());
  EXPECT_EQ((*session)->output(0).data, nullptr);
  (*session)->input(0).data<float>()[11] = 41;
  ASSERT_TRUE((*session)->run().ok());
  EXPECT_EQ((*session)->output(0).as<float>()[11], 42);
  const auto refused = plugin->backend->load("refuse.onnx");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "fake: refused");
}

TEST(Registry, TheFirstFolderThatHasItCounts) {
  const TempFolder empty, broken;
  broken.write("saker_onnxruntime.so", "not a library");
  EXPECT_TRUE(load("onnxruntime", {empty.path(), kFakes}).ok());
  EXPECT_TRUE(load("onnxruntime", {kFakes, broken.path()}).ok());
  EXPECT_FALSE(load("onnxruntime", {broken.path(), kFakes}).ok());
}

TEST(Registry, MissingPluginsSayHowToGetThem) {
  const TempFolder empty;
  const auto plugin = load("openvino", {empty.path(), "/nowhere"});
  ASSERT_FALSE(plugin.ok());
  EXPECT_EQ(plugin.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(plugin.error().message, "the backend openvino is not installed: no saker_openvino.so in " + empty.path() +
                                        " or /nowhere\nscripts/install_backends.sh openvino installs it");
}

TEST(Registry, FaultyPluginsAreErrors) {
  expect_broken("wrong_abi", kFakes, "another build (saker-backend-0 of long ago; this is saker-backend-");
  expect_broken("other_layout", kFakes, "another build (saker-backend-3 0123456789abcdef ");
  expect_broken("throws", kFakes, "does not start: fake: no such device");
  expect_broken("null", kFakes, "does not start");
  expect_broken("no_symbols", kFakes, "not a plug-in of saker");
  expect_broken("unresolved", kFakes, "saker_function_that_is_nowhere");
}

TEST(Registry, TheHashTellsLayoutsAndSignaturesApart) {
  struct Two {
    void f(int) {}
  };
  struct Three {
    int a, b, c;
    void f(long) {}
  };
  EXPECT_NE(AbiHash().sizes<Two>().value(), AbiHash().sizes<Three>().value());
  EXPECT_NE(AbiHash().functions<&Two::f>().value(), AbiHash().functions<&Three::f>().value());
  EXPECT_EQ(AbiHash().functions<&Two::f>().value(), AbiHash().functions<&Two::f>().value());
}

TEST(Registry, FilesThatAreNotLibrariesAreErrors) {
  const TempFolder folder;
  folder.write("saker_text.so", "not a library");
  folder.write("saker_empty.so", "");
  std::filesystem::create_directory(folder.path() + "/saker_folder.so");
  std::string start(512, '\0');
  std::ifstream(kFakes + "/saker_onnxruntime.so").read(start.data(), 512);
  folder.write("saker_cut.so", start);
  for (const char* name : {"text", "empty", "folder", "cut"}) {
    expect_broken(name, folder.path(), "cannot be loaded: " + folder.path());
  }
}

TEST(Registry, UnknownNamesAreErrorsWithTheKnownOnes) {
  for (const char* name : {"onnx", "saker", "", "../onnxruntime"}) {
    const auto backend = find_backend(name);
    ASSERT_FALSE(backend.ok()) << name;
    EXPECT_EQ(backend.error().code, ErrorCode::kNotFound);
    EXPECT_NE(backend.error().message.find("there are saker, onnxruntime, openvino, torchscript"), std::string::npos);
  }
}

TEST(Registry, FoldersFollowTheKnobAndTheProgram) {
  ASSERT_EQ(knobs().backends, kFakes);
  const auto folders = plugin_folders();
  ASSERT_EQ(folders.size(), 3u);
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  EXPECT_EQ(folders[0], kFakes);
  EXPECT_EQ(folders[1], here / "backends");
  EXPECT_EQ(folders[2], here.parent_path() / "lib/saker/backends");
}

// Where saker is a shared library, the process may be anybody's.
TEST(Registry, AnAddressTellsItsObject) {
  const auto plugin = load("onnxruntime");
  ASSERT_TRUE(plugin.ok()) << plugin.error().message;
  void* const handle = dlopen(plugin->file.c_str(), RTLD_NOW);
  ASSERT_NE(handle, nullptr);
  EXPECT_EQ(object_of(dlsym(handle, "saker_backend")), std::filesystem::canonical(plugin->file));
  EXPECT_EQ(object_of(reinterpret_cast<const void*>(&object_of)), std::filesystem::read_symlink("/proc/self/exe"));
  EXPECT_EQ(object_of(nullptr), "");
}

TEST(Trial, WhatKillsOrStallsAnEngineIsLearnedElsewhere) {
  constexpr double kLong = 60000, kShort = 300;
  EXPECT_TRUE(try_out("onnxruntime", "fine.onnx", kLong).ok());
  EXPECT_TRUE(try_out("onnxruntime", "refuse.onnx", kLong).ok());  // as the engine will say
  const Status crash = try_out("onnxruntime", "crash.onnx", kLong);
  ASSERT_FALSE(crash.ok());
  EXPECT_EQ(crash.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(crash.error().setting, "backend");
  EXPECT_NE(
      crash.error().message.find("onnxruntime was tried on it in a process of its own, which ended with signal 6"),
      std::string::npos)
      << crash.error().message;
  const Status leave = try_out("onnxruntime", "leave.onnx", kLong);
  ASSERT_FALSE(leave.ok());
  EXPECT_NE(leave.error().message.find("which ended with exit code 0"), std::string::npos) << leave.error().message;
  const Status hang = try_out("onnxruntime", "hang.onnx", kShort);
  ASSERT_FALSE(hang.ok());
  EXPECT_EQ(hang.error().code, ErrorCode::kInvalid);
  EXPECT_NE(hang.error().message.find("which gave no answer within 0.3 s"), std::string::npos) << hang.error().message;
  EXPECT_EQ(try_out("openvino", "fine.onnx", kLong).error().code, ErrorCode::kNotFound);
}

TEST(Registry, ManyThreadsGetTheSameBackend) {
  std::vector<Backend*> got(8, nullptr);
  std::vector<std::thread> threads;
  for (Backend*& one : got) {
    threads.emplace_back([&one] {
      if (auto backend = find_backend("onnxruntime"); backend.ok()) one = *backend;
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_NE(got[0], nullptr);
  for (Backend* one : got) EXPECT_EQ(one, got[0]);
}

TEST(Registry, ListsAllWithWhatIsMissing) {
  const std::vector<BackendInfo> all = list_backends();
  ASSERT_EQ(all.size(), known_backends().size() + 1);
  EXPECT_EQ(all[0].name, "saker");
  EXPECT_TRUE(all[0].installed);
  EXPECT_FALSE(all[0].version.empty());
  EXPECT_EQ(all[1].name, "onnxruntime");
  EXPECT_TRUE(all[1].installed);
  EXPECT_EQ(all[1].version, "0.0.fake");
  EXPECT_EQ(all[1].file, kFakes + "/saker_onnxruntime.so");
  EXPECT_EQ(all[1].remedy, "");
  for (std::size_t i = 2; i < all.size(); ++i) {
    EXPECT_FALSE(all[i].installed) << all[i].name;
    EXPECT_NE(all[i].remedy.find("scripts/install_backends.sh " + all[i].name), std::string::npos) << all[i].remedy;
  }
}

}  // namespace
}  // namespace saker
