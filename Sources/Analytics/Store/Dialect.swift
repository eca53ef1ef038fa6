/// How one column is written and read, where the two databases differ: PostgreSQL has arrays, `jsonb`, `inet` and
/// `timestamptz`; SQLite keeps all of them as text.
enum ColumnType: Sendable, CaseIterable {
    case text, integer, boolean, time, json, strings, address

    /// What PostgreSQL calls it. Placeholders are always cast, so that their type never hangs on the context.
    fileprivate var postgres: String {
        switch self {
        case .text: "text"
        case .integer: "bigint"
        case .boolean: "boolean"
        case .time: "timestamptz"
        case .json, .strings: "jsonb"
        case .address: "inet"
        }
    }
}

extension SQLDialect {
    /// The placeholder with that number, as a value of that type.
    func placeholder(_ number: Int, _ type: ColumnType) -> String {
        // Every statement is written anew each time, and most of that work would be these.
        let usual = self == .postgres ? Self.usual[type] : nil
        if let usual, usual.indices.contains(number) { return usual[number] }
        return makePlaceholder(number, type)
    }

    private static let usual: [ColumnType: [String]] = Dictionary(
        uniqueKeysWithValues: ColumnType.allCases.map { type in
            (type, (0..<64).map { SQLDialect.postgres.makePlaceholder($0, type) })
        })

    private func makePlaceholder(_ number: Int, _ type: ColumnType) -> String {
        switch (self, type) {
        case (.sqlite, _): "$\(number)"
        case (.postgres, .strings):
            "ARRAY(SELECT jsonb_array_elements_text($\(number)::jsonb))"
        case (.postgres, _): "$\(number)::\(type.postgres)"
        }
    }

    /// The column in a SELECT, as ``SQLRow``'s accessors of that type read it, under its own name.
    func selected(_ column: String, _ type: ColumnType) -> String {
        switch (self, type) {
        case (.postgres, .time):
            #"to_char(\#(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS \#(column)"#
        case (.postgres, .json): "\(column)::text AS \(column)"
        case (.postgres, .strings): "array_to_json(\(column))::text AS \(column)"
        case (.postgres, .address): "host(\(column)) AS \(column)"
        default: column
        }
    }

    /// The database's own clock: the processes that share it need not agree about the time.
    var now: String {
        switch self {
        case .postgres: "now()"
        case .sqlite: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
        }
    }

    /// The database's clock and so many milliseconds more (or less).
    func now(plus milliseconds: Int64) -> String {
        switch self {
        case .postgres: "(now() + interval '\(milliseconds) milliseconds')"
        case .sqlite: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '\(Self.seconds(milliseconds)) seconds')"
        }
    }

    /// `+5.000`: a modifier of SQLite's date functions begins with its sign.
    private static func seconds(_ milliseconds: Int64) -> String {
        let magnitude = milliseconds.magnitude
        let fraction = String(magnitude % 1000)
        let zeros = String(repeating: "0", count: 3 - fraction.count)
        return "\(milliseconds < 0 ? "-" : "+")\(magnitude / 1000).\(zeros)\(fraction)"
    }
}
