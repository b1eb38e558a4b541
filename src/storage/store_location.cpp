#include "storage/store_location.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace saerok {
namespace {

// Of FUSE only those that lead to another machine: there are many for disks of this one.
constexpr std::array<std::string_view, 24> kNetworkTypes = {"nfs",
                                                            "nfs4",
                                                            "smbfs",
                                                            "cifs",
                                                            "smb3",
                                                            "ncpfs",
                                                            "afs",
                                                            "coda",
                                                            "ceph",
                                                            "lustre",
                                                            "gpfs",
                                                            "fuse.sshfs",
                                                            "fuse.rclone",
                                                            "fuse.smbnetfs",
                                                            "fuse.davfs",
                                                            "fuse.davfs2",
                                                            "fuse.s3fs",
                                                            "fuse.curlftpfs",
                                                            "fuse.ceph",
                                                            "fuse.glusterfs",
                                                            "fuse.kio-fuse",
                                                            "fuse.gvfsd-fuse",
                                                            "fuse.onedriver",
                                                            "fuse.google-drive-ocamlfuse"};

/// Files and folders by which a synchronised folder is known, in it or in one above.
/// Not ".dropbox", which also stands in the home folder of whoever has it.
constexpr std::array<std::string_view, 2> kSyncMarkers = {".stfolder", ".dropbox.cache"};
/// Names that such folders have where they carry no marker. A name ends, or goes on after a blank:
/// "OneDrive - Company".
constexpr std::array<std::string_view, 5> kSyncNames = {"Dropbox", "OneDrive", "Google Drive",
                                                        "iCloudDrive", "Nextcloud"};

constexpr std::string_view kAdvice =
    "; the notes may stay where they are, but keep the store on a disk of this machine: name a "
    "folder there with --store, or set store.anywhere to on at the risk of losing it";

/// The folder itself, or the nearest above it that exists.
Result<std::string> existing_folder(Env& env, std::string folder) {
  while (folder != "/" && !TRY(env.stat(folder)).has_value()) folder = parent_path(folder);
  return folder;
}

bool is_sync_name(std::string_view name) {
  return std::ranges::any_of(kSyncNames, [&](std::string_view known) {
    return name == known || (name.starts_with(known) && name.substr(known.size()).starts_with(" "));
  });
}

/// The synchronised folder that holds `folder`.
Result<std::optional<std::string>> find_synchronised(Env& env, std::string folder) {
  for (; folder != "/" && folder != "."; folder = parent_path(folder)) {
    if (is_sync_name(std::string_view(folder).substr(folder.rfind('/') + 1))) return {folder};
    for (const std::string_view marker : kSyncMarkers) {
      const auto found = TRY(env.stat(folder + "/" + std::string(marker)));
      if (found) return {folder};
    }
  }
  return std::optional<std::string>();
}

}  // namespace

Status check_store_location(Env& env, const std::string& folder) {
  const std::string existing = TRY(existing_folder(env, folder));
  const std::string type = TRY(env.file_system(existing)).type;
  if (std::ranges::find(kNetworkTypes, type) != kNetworkTypes.end()) {
    return Error{ErrorCode::failed_precondition,
                 "the store " + folder + " would stand on a network file system (" + type +
                     "), where it can be damaged" + std::string(kAdvice)};
  }
  const auto synchronised = TRY(find_synchronised(env, folder));
  if (!synchronised) return {};
  return Error{ErrorCode::failed_precondition,
               "the store " + folder + " would stand in " + *synchronised +
                   ", which is synchronised with other machines, where it can be damaged" +
                   std::string(kAdvice)};
}

}  // namespace saerok
