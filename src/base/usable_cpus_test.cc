// CPU limits as control groups write them.
#include "base/usable_cpus.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace saker {
namespace {

namespace fs = std::filesystem;

class CpuQuota : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root + path).substr(0, (root + path).find_last_of('/')));
    std::ofstream(root + path) << text;
  }
  void TearDown() override { fs::remove_all(root); }
  const std::string root = testing::TempDir() + "saker_cpus_" + std::to_string(::getpid());
};

TEST_F(CpuQuota, NoneWhereNothingIsSaid) {
  EXPECT_EQ(cpu_quota(root), std::nullopt);
  write("/proc/self/cgroup", "0::/user.slice\n");
  write("/sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
  EXPECT_EQ(cpu_quota(root), std::nullopt);
}

TEST_F(CpuQuota, TheTightestOfAGroupAndThoseAroundIt) {
  write("/proc/self/cgroup", "0::/pod/box\n");
  write("/sys/fs/cgroup/pod/box/cpu.max", "400000 100000\n");
  EXPECT_EQ(cpu_quota(root), 4);
  write("/sys/fs/cgroup/pod/cpu.max", "150000 100000\n");
  EXPECT_EQ(cpu_quota(root), 1.5);
}

TEST_F(CpuQuota, InsideAContainerTheRootIsTheGroup) {
  write("/proc/self/cgroup", "0::/\n");
  write("/sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(cpu_quota(root), 0.5);
}

TEST_F(CpuQuota, VersionOne) {
  write("/proc/self/cgroup", "5:cpuset:/\n4:cpu,cpuacct:/docker/x\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root), std::nullopt);
  write("/sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us", "200000\n");
  write("/sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root), 2);
}

TEST_F(CpuQuota, NonsenseIsNoLimit) {
  write("/proc/self/cgroup", "0::/a\nnonsense\n1:cpu\n2:cpu:relative\n");
  write("/sys/fs/cgroup/a/cpu.max", "many 0\n");
  EXPECT_EQ(cpu_quota(root), std::nullopt);
}

TEST(UsableCpus, AtLeastOneAndNoMoreThanTheMask) {
  EXPECT_GE(usable_cpus(), 1);
  EXPECT_LE(usable_cpus(), std::max<int>(static_cast<int>(cpus_in_mask().size()), 1));
}

}  // namespace
}  // namespace saker
