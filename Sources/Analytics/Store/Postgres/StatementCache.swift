/// Which statements a session has prepared, by their text; the one unused for longest makes room for a new one.
struct StatementCache {
    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var clock: UInt64 = 0
    /// Names that the server still holds and nobody asks for any more.
    private(set) var retired: [String] = []

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { entries.count }

    /// The statement's name in this session, if it is prepared.
    mutating func name(for sql: String) -> String? {
        clock += 1
        guard let index = entries.index(forKey: sql) else { return nil }
        entries.values[index].lastUse = clock
        return entries.values[index].name
    }

    /// A name for a statement about to be prepared; never one that was used before.
    mutating func nextName() -> String {
        clock += 1
        return "omni_\(clock)"
    }

    /// Remembers a statement that the server has prepared.
    mutating func insert(_ sql: String, name: String) {
        if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            retire(oldest.key)
        }
        clock += 1
        entries[sql] = Entry(name: name, lastUse: clock)
    }

    /// Forgets a statement; its name is retired.
    mutating func retire(_ sql: String) {
        if let entry = entries.removeValue(forKey: sql) { retired.append(entry.name) }
    }

    /// The server has let go of the retired names.
    mutating func clearRetired() { retired = [] }

    /// The session no longer knows any statement.
    mutating func reset() {
        entries = [:]
        retired = []
    }
}
