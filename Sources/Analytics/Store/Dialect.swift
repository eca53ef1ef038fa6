/// The type of a column, which decides how it is written and read in each dialect: PostgreSQL has arrays, `jsonb`,
/// `inet` and `timestamptz`; SQLite stores all of them as text.
enum ColumnType: Sendable, CaseIterable {
    case text, integer, boolean, time, json, strings, address, bytes

    /// PostgreSQL's name of the type. Placeholders are always cast, so that their type does not depend on the context.
    fileprivate var postgres: String {
        switch self {
        case .text: "text"
        case .integer: "bigint"
        case .boolean: "boolean"
        case .time: "timestamptz"
        case .json, .strings: "jsonb"
        case .address: "inet"
        case .bytes: "bytea"
        }
    }
}

extension SQLDialect {
    /// The placeholder with that number, cast to that type.
    func placeholder(_ number: Int, _ type: ColumnType) -> String {
        // Statements are composed for each call; precomputed placeholders save most of that work.
        let usual = self == .postgres ? Self.usual[type] : nil
        if let usual, usual.indices.contains(number) { return usual[number] }
        return makePlaceholder(number, type)
    }

    private static let usual: [ColumnType: [String]] = Dictionary(
        uniqueKeysWithValues: ColumnType.allCases.map { type in
            (type, (0..<400).map { SQLDialect.postgres.makePlaceholder($0, type) })
        })

    private func makePlaceholder(_ number: Int, _ type: ColumnType) -> String {
        switch (self, type) {
        case (.sqlite, _): "$\(number)"
        case (.postgres, .strings):
            "ARRAY(SELECT jsonb_array_elements_text($\(number)::jsonb))"
        case (.postgres, _): "$\(number)::\(type.postgres)"
        }
    }

    /// The column for a SELECT list, in the form that ``SQLRow``'s accessor of that type reads, under its own name.
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

    /// SQL for the database's clock: the clocks of the processes that share it may differ.
    var now: String {
        switch self {
        case .postgres: "now()"
        case .sqlite: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
        }
    }

    /// SQL for the database's clock plus (or minus) milliseconds.
    func now(plus milliseconds: Int64) -> String {
        switch self {
        case .postgres: "(now() + interval '\(milliseconds) milliseconds')"
        case .sqlite: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '\(Self.seconds(milliseconds)) seconds')"
        }
    }

    /// `+5.000`: a modifier of SQLite's date functions starts with its sign (sqlite.org/lang_datefunc.html).
    private static func seconds(_ milliseconds: Int64) -> String {
        let magnitude = milliseconds.magnitude
        let fraction = String(magnitude % 1000)
        let zeros = String(repeating: "0", count: 3 - fraction.count)
        return "\(milliseconds < 0 ? "-" : "+")\(magnitude / 1000).\(zeros)\(fraction)"
    }
}
