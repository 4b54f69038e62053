// The machine's facts from a made-up /proc and /sys, and from none at all.
#include "measure/machine.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/version.h"

namespace saker {

namespace {

class FakeMachine : public testing::Test {
 protected:
  FakeMachine() : root_(std::filesystem::temp_directory_path() / ("saker_machine_" + std::to_string(::getpid()))) {}
  ~FakeMachine() override { std::filesystem::remove_all(root_); }

  void put(const std::string& path, const std::string& text) const {
    const auto file = root_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  Json read() const { return machine_json(root_.string()); }

  std::filesystem::path root_;
};

const std::string kDevices = "sys/devices/system/cpu/";

TEST_F(FakeMachine, EverythingReadable) {
  put("proc/cpuinfo", "processor\t: 0\nmodel name\t: Example CPU 9000\nmicrocode\t: 0x2b\n");
  put("proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB\n");
  put("proc/loadavg", "0.50 0.40 0.30 1/100 1234\n");
  put("etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  put(kDevices + "smt/active", "1\n");
  put(kDevices + "cpu0/cpufreq/scaling_governor", "powersave\n");
  put(kDevices + "intel_pstate/no_turbo", "1\n");
  put(kDevices + "cpu0/cache/index0/level", "1\n");
  put(kDevices + "cpu0/cache/index0/type", "Data\n");
  put(kDevices + "cpu0/cache/index0/size", "48K\n");
  put(kDevices + "cpu0/cache/index1/level", "3\n");
  put(kDevices + "cpu0/cache/index1/type", "Unified\n");
  put(kDevices + "cpu0/cache/index1/size", "36M\n");
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {  // whichever this process may use: all on one core
    const std::string topology = kDevices + "cpu" + std::to_string(cpu) + "/topology/";
    put(topology + "physical_package_id", "0\n");
    put(topology + "core_id", "7\n");
  }
  const Json machine = read();
  EXPECT_EQ(machine["cpu"], "Example CPU 9000");
  EXPECT_EQ(machine["cores"], 1);
  EXPECT_EQ(machine["smt"], true);
  EXPECT_EQ(machine["caches"], (Json{{"L1d", "48K"}, {"L3", "36M"}}));
  EXPECT_DOUBLE_EQ(machine["memory_mb"].get<double>(), 16384);
  EXPECT_EQ(machine["governor"], "powersave");
  EXPECT_EQ(machine["turbo"], false);
  EXPECT_EQ(machine["microcode"], "0x2b");
  EXPECT_EQ(machine["os"], "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(machine["saker"], version());
  EXPECT_EQ(machine["commit"], commit()[0] == '\0' ? Json(nullptr) : Json(commit()));
  EXPECT_EQ(machine["container_cpus"], nullptr);
  EXPECT_DOUBLE_EQ(machine["load_average"].get<double>(), 0.5);
  EXPECT_NE(machine_line(machine).find("Example CPU 9000"), std::string::npos);
  ASSERT_GE(machine_warnings(machine, 1).size(), 1U);
  EXPECT_NE(machine_warnings(machine, 1)[0].find("powersave"), std::string::npos);
}

TEST_F(FakeMachine, NothingReadableIsNull) {
  const Json machine = read();
  for (const char* key : {"cpu", "cores", "smt", "caches", "memory_mb", "governor", "turbo", "microcode",
                          "container_cpus", "load_average", "os"})
    EXPECT_EQ(machine[key], nullptr) << key;
  EXPECT_GE(machine["cpus"], 1);
  EXPECT_TRUE(machine_warnings(machine, 64).empty());
  EXPECT_NE(machine_line(machine).find("unknown"), std::string::npos);
}

TEST_F(FakeMachine, ContainersOfBothVersions) {
  put("sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(read()["container_cpus"], nullptr);
  put("sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_DOUBLE_EQ(read()["container_cpus"].get<double>(), 1.5);
  put("proc/self/cgroup", "0::/box\n");
  put("sys/fs/cgroup/box/cpu.max", "50000 100000\n");
  EXPECT_DOUBLE_EQ(read()["container_cpus"].get<double>(), 0.5);
  EXPECT_EQ(machine_warnings(read(), 2).size(), 1U);
  std::filesystem::remove_all(root_);
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(read()["container_cpus"], nullptr);
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n");
  EXPECT_DOUBLE_EQ(read()["container_cpus"].get<double>(), 2);
}

TEST_F(FakeMachine, NonsenseIsNull) {
  put("proc/meminfo", "MemTotal: lots\n");
  put("proc/loadavg", "\n");
  put("sys/fs/cgroup/cpu.max", "abc\n");
  const Json machine = read();
  EXPECT_EQ(machine["memory_mb"], nullptr);
  EXPECT_EQ(machine["load_average"], nullptr);
  EXPECT_EQ(machine["container_cpus"], nullptr);
}

TEST_F(FakeMachine, ABusyMachineIsToldOf) {
  put("proc/loadavg", "900.0 1 1 1/100 1234\n");
  const auto warnings = machine_warnings(read(), 1);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("900.0"), std::string::npos);
}

}  // namespace
}  // namespace saker
