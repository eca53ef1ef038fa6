/// The prepared statements of a session by their text; the least recently used one is evicted.
struct StatementCache {
    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var clock: UInt64 = 0
    /// Names of evicted statements that the server still has; they are to be deallocated.
    private(set) var retired: [String] = []

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Number of cached statements.
    var count: Int { entries.count }

    /// The statement's name in the session; nil if it is not prepared. Counts as a use.
    mutating func name(for sql: String) -> String? {
        clock += 1
        guard let index = entries.index(forKey: sql) else { return nil }
        entries.values[index].lastUse = clock
        return entries.values[index].name
    }

    /// A new name for a statement to prepare; never used before in this session.
    mutating func nextName() -> String {
        clock += 1
        return "omni_\(clock)"
    }

    /// Adds a prepared statement; evicts the least recently used one if the cache is full.
    mutating func insert(_ sql: String, name: String) {
        if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            retire(oldest.key)
        }
        clock += 1
        entries[sql] = Entry(name: name, lastUse: clock)
    }

    /// Removes a statement; its name becomes one of ``retired``.
    mutating func retire(_ sql: String) {
        if let entry = entries.removeValue(forKey: sql) { retired.append(entry.name) }
    }

    /// The server has deallocated the retired names.
    mutating func clearRetired() { retired = [] }

    /// The session has lost all prepared statements.
    mutating func reset() {
        entries = [:]
        retired = []
    }
}
