// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/database.h"

#include <sqlite3.h>

namespace tally::index::sqlite {
namespace {

Error error_of(sqlite3* database, int code) {
  const char* text = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  const std::string detail = std::string("SQLite: ") + text;
  switch (code & 0xFF) {
    case SQLITE_FULL: return {Errc::disk_full, detail};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: return {Errc::corrupt, detail};  // a table that is not there
    default: return {Errc::io, detail};
  }
}

/// A path as part of a URI: SQLite takes ? # and % apart.
std::string uri_of(const std::string& path) {
  std::string out = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr char kDigits[] = "0123456789ABCDEF";
      out += '%';
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 0xF];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void Statement::bind_text(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
}

void Statement::bind_bytes(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return tl::unexpected(error_of(sqlite3_db_handle(statement_.get()), code));
}

std::string_view Statement::bytes(int column) {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());  // repeats the error that step() gave
  sqlite3_clear_bindings(statement_.get());
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<Database> Database::open(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) return tl::unexpected(error_of(raw, code));
  return database;
}

Result<Database> Database::create(const std::string& path) {
  TALLY_TRY(auto database, open(uri_of(path), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  TALLY_TRY_VOID(
      database.execute("PRAGMA page_size=8192;PRAGMA journal_mode=OFF;"
                       "PRAGMA synchronous=OFF;PRAGMA locking_mode=EXCLUSIVE;"));
  return database;
}

Result<Database> Database::open_unchanging(const std::string& path) {
  TALLY_TRY(auto database, open(uri_of(path) + "?immutable=1", SQLITE_OPEN_READONLY));
  // What is read is kept elsewhere, checked; see block_file.h.
  TALLY_TRY_VOID(database.execute("PRAGMA cache_size=8;PRAGMA mmap_size=0;"));
  return database;
}

Result<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::unexpected(error_of(database_.get(), code));
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return tl::unexpected(error_of(database_.get(), code));
  return Statement(statement);
}

Result<void> Database::close() {
  const int code = sqlite3_close(database_.release());
  if (code != SQLITE_OK) return tl::unexpected(error_of(nullptr, code));
  return {};
}

}  // namespace tally::index::sqlite
