// Where a store is refused, and what is said then.

#include "storage/store_location.h"

#include <gtest/gtest.h>

#include "base/sim_env.h"
#include "storage/open_storage.h"
#include "storage/test_support.h"

namespace saerok {
namespace {

using test::why;

void expect_refused(Env& env, const std::string& folder, const std::string& reason) {
  const auto opened = open_storage(env, folder, OpenMode::write);
  ASSERT_FALSE(opened) << folder;
  EXPECT_EQ(opened.error().code, ErrorCode::failed_precondition);
  for (const std::string& part :
       {folder, reason, std::string("--store"), std::string("store.anywhere")}) {
    EXPECT_NE(opened.error().message.find(part), std::string::npos) << opened.error().message;
  }
  EXPECT_TRUE(env.list("/").value().empty() || !env.stat(folder).value()) << "nothing was made";
}

TEST(StoreLocation, NetworkFileSystemsAreRefusedBeforeAnythingIsWritten) {
  for (const std::string type : {"nfs", "cifs", "smb3", "fuse.sshfs", "fuse.rclone"}) {
    SimEnv env;
    env.set_file_system_type(type);
    expect_refused(env, "/home/me/store", type);
  }
}

TEST(StoreLocation, DisksOfThisMachineAreTakenWhateverDrivesThem) {
  for (const std::string type : {"local", "fuse", "fuseblk", "fuse.gocryptfs"}) {
    SimEnv env;
    env.set_file_system_type(type);
    const auto opened = open_storage(env, "/home/me/store", OpenMode::write);
    EXPECT_TRUE(opened) << type << ": " << why(opened);
  }
}

TEST(StoreLocation, SynchronisedFoldersAreKnownByNameAndByWhatStandsInThem) {
  for (const std::string folder : {"/home/me/Dropbox", "/home/me/OneDrive - Company"}) {
    SimEnv env;
    expect_refused(env, folder + "/notes/store", folder + ", which is synchronised");
  }
  SimEnv env;
  for (const char* folder : {"/sync", "/sync/.stfolder", "/home"}) {
    ASSERT_TRUE(env.make_directory(folder));
  }
  expect_refused(env, "/sync/a/store", "/sync, which is synchronised");
  // The program's own folder in a home, not the one that it synchronises.
  ASSERT_TRUE(env.make_directory("/home/.dropbox"));
  for (const std::string folder : {"/home/store", "/DropboxBackups/store", "/My Dropbox notes/s"}) {
    const auto opened = open_storage(env, folder, OpenMode::write);
    EXPECT_TRUE(opened) << why(opened);
  }
}

TEST(StoreLocation, WhoSaysSoMayWriteAnywhereAndEveryoneMayRead) {
  SimEnv env;
  env.set_file_system_type("nfs");
  EXPECT_TRUE(open_storage(env, "/store", OpenMode::write, StorePlace::anywhere));
  EXPECT_TRUE(open_storage(env, "/store", OpenMode::read));
  EXPECT_FALSE(open_existing_storage(env, "/store"));
  EXPECT_TRUE(open_existing_storage(env, "/store", StorePlace::anywhere));
}

}  // namespace
}  // namespace saerok
