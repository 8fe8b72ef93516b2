#pragma once

#include <sys/types.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "store/error.hpp"

namespace kwikgate::store {

/// While it lives, the process has the effective ids of whoever owns a directory, and no other
/// groups. For root in a directory of somebody else: that user could put a link where root writes,
/// and what root makes would shut the user out. For every other process it does nothing, and so
/// does a second one while the first lives. What root alone may read is opened before.
/// **Threads**: the ids are those of the whole process: no other thread may open files meanwhile.
class AsOwner {
  public:
    /// The owner of `directory`; where that is root, the owner of the store in it, if there is one.
    /// **Errors**: `cannot_become_owner`, or why the directory cannot be looked at.
    static Result<AsOwner> of(const std::filesystem::path& directory);
    /// For what is yet to be made: the owner of `path`, or else of the nearest directory above it.
    static Result<AsOwner> of_nearest(const std::filesystem::path& path);

    AsOwner(AsOwner&& other) noexcept
        : is_switched_(std::exchange(other.is_switched_, false)),
          group_(other.group_),
          groups_(std::move(other.groups_)),
          descriptor_(std::exchange(other.descriptor_, -1)),
          directory_(std::move(other.directory_)) {}
    AsOwner& operator=(AsOwner&&) = delete;
    /// Ends the process if root cannot be root again: nothing it does then would be what was meant.
    ~AsOwner();

    /// True when root acts as somebody else.
    bool is_switched() const { return is_switched_; }
    /// After `of`: a path to the directory, good while this lives. For root it is the very
    /// directory that was looked at, whatever becomes of its name, and also where the owner may not
    /// look into a directory above it.
    const std::filesystem::path& directory() const { return directory_; }

  private:
    AsOwner() = default;
    Result<void> become(uid_t user, gid_t group);
    void pin(int descriptor);

    bool is_switched_ = false;
    gid_t group_ = 0;
    std::vector<gid_t> groups_;
    int descriptor_ = -1;
    std::filesystem::path directory_;
};

/// Refuses a store whose files are not what they seem: a link, or no regular file. Where root works
/// in a directory in which others may write, also a file of another user, or one with a second
/// name.
/// **Errors**: `foreign_file`.
Result<void> check_own_files(const std::filesystem::path& directory);

}  // namespace kwikgate::store
