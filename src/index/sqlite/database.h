// SPDX-License-Identifier: Apache-2.0
// The part of SQLite's C interface that is used here, with owners and Results.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace tally::index::sqlite {

/// A prepared statement; lives within its Database. Not thread-safe.
class Statement {
 public:
  /// 1 is the first parameter. Bytes must live until the next reset().
  void bind(int parameter, std::int64_t value);
  void bind_text(int parameter, std::string_view text);
  void bind_bytes(int parameter, std::string_view bytes);
  /// Whether there is a row. Errors: disk_full, corrupt, io.
  [[nodiscard]] Result<bool> step();
  /// Of the present row, 0 is the first column; valid until the next step() or reset().
  [[nodiscard]] std::string_view bytes(int column);
  void reset();

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection. Not thread-safe.
class Database {
 public:
  /// A new file that nobody else sees yet: no journal and no syncs, the caller syncs and renames
  /// it when it is whole.
  [[nodiscard]] static Result<Database> create(const std::string& path);
  /// A file that nobody will ever change again: no locks are taken and nothing is made beside it.
  [[nodiscard]] static Result<Database> open_unchanging(const std::string& path);

  [[nodiscard]] Result<void> execute(const char* sql);
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  /// Ends the connection; what close() would say at the end. Statements must be gone.
  [[nodiscard]] Result<void> close();

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}
  [[nodiscard]] static Result<Database> open(const std::string& path, int flags);
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace tally::index::sqlite
