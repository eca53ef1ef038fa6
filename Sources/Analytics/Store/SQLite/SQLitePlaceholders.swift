/// Rewrites PostgreSQL's `$1` as SQLite's `?1`: in SQLite `$1` is a name, not a number
/// (sqlite.org/lang_expr.html#varparam).
enum SQLitePlaceholders {
    /// Quoted text stays unchanged.
    static func numbered(_ sql: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(sql.utf8.count)
        var quote: UInt8?
        var iterator = sql.utf8.makeIterator()
        while let byte = iterator.next() {
            if let open = quote {
                if byte == open { quote = nil }
                output.append(byte)
            } else if byte == UInt8(ascii: "$") {
                output.append(UInt8(ascii: "?"))
            } else {
                if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { quote = byte }
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
