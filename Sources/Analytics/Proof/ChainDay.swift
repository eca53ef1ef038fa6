/// Checks the rows of one day of the chain in the order of their positions. Has neither clock nor database;
/// ``AuditVerifier`` reads the rows.
struct ChainDay {
    /// A row that is whole and does not follow the row before it.
    struct Misplaced: Sendable {
        let seq: Int64
        let name: AuditFinding.RowName
        let previousHash: String
        let hash: String
        /// The row at the position before; nil at the start of the day.
        let before: AuditFinding.RowName?
    }

    /// Changed rows beyond this number are not kept and not tried at each other's positions.
    private static let mostCompared = 100

    let day: String
    /// The hashes that the day's first row may follow: the head and the last row of the day before.
    let starts: Set<String>
    private(set) var findings: [AuditFinding] = []
    private(set) var misplaced: [Misplaced] = []
    private(set) var rows = 0
    private(set) var removedRows = 0
    private(set) var forgotten = 0
    /// The last position and its hash.
    private(set) var position: Int64 = 0
    private(set) var lastHash: String?
    private var lastRow: AuditFinding.RowName?
    private var changed: [SealedRow] = []
    /// The last row was changed or moved, which explains a head that does not fit.
    private var lastIsKnownBad = false

    init(day: String, starts: Set<String>) {
        self.day = day
        self.starts = starts
    }

    /// Takes the next row.
    mutating func take(_ row: SealedRow) {
        guard let seq = row.seq else { return }
        rows += 1
        let name = AuditFinding.RowName(row)
        guard seq > position else {
            return note(.rowAdded, seq...seq, name, detail: "another row has this position")
        }
        let hasGap = seq > position + 1
        noteGap(upTo: seq)
        if row.isForgotten, row.salt == nil { forgotten += 1 }
        lastIsKnownBad = true
        if !row.isWhole {
            if changed.count < Self.mostCompared { changed.append(row) } else { note(.rowChanged, seq...seq, name) }
        } else if !hasGap, !follows(row.previousHash) {
            misplaced.append(
                Misplaced(
                    seq: seq, name: name, previousHash: row.previousHash, hash: row.hash, before: lastRow))
        } else {
            lastIsKnownBad = false
        }
        (position, lastHash, lastRow) = (seq, row.hash, name)
    }

    /// Takes the record of a removed row.
    ///
    /// - Parameter isSigned: whether its signature is valid.
    mutating func take(_ removed: RemovedRow, isSigned: Bool) {
        // The row is removed right after its record was written.
        guard removed.seq > position else { return }
        let hasGap = removed.seq > position + 1
        noteGap(upTo: removed.seq)
        removedRows += 1
        lastIsKnownBad = !isSigned
        if !isSigned {
            note(.removalChanged, removed.seq...removed.seq, nil)
        } else if !hasGap, !follows(removed.previousHash) {
            note(.linkBroken, position...removed.seq, lastRow)
        }
        (position, lastHash, lastRow) = (removed.seq, removed.hash, nil)
    }

    /// Compares the end of the day with its head.
    mutating func end(_ head: AuditHead?, _ trust: HeadTrust) {
        guard let head else { return note(.headMissing, nil, nil) }
        switch trust {
        case .changed: return note(.headChanged, nil, nil, detail: "position \(head.seq), key \(head.keyID)")
        case .unknownKey: note(.unknownKey, nil, nil, detail: "key \(head.keyID)")
        case .signed: break
        }
        if head.seq > position {
            note(.rowRemoved, position + 1...head.seq, nil)
        } else if head.seq < position {
            note(.rowAdded, head.seq + 1...position, lastRow, detail: "after the signed head")
        } else if head.hash != lastHash, !lastIsKnownBad {
            note(.rowChanged, position...position, lastRow, detail: "together with its hash")
        }
    }

    /// Rows of the day that were counted and not read: they share a position.
    mutating func compare(counted: Int) {
        guard counted > rows else { return }
        note(.rowAdded, nil, nil, detail: "\(counted - rows) rows share a position with another")
    }

    /// Decides what happened to the changed and the misplaced rows.
    ///
    /// - Parameter positions: the positions of rows by their hash, for the hashes that the misplaced rows follow.
    mutating func decide(positions: [String: Int64]) {
        for row in changed {
            guard let seq = row.seq else { continue }
            let home = changed.first { $0.seq != seq && row.fits(after: $0.previousHash, as: $0.hash) }
            let detail = home?.seq.map { "it belongs at position \($0)" }
            note(home == nil ? .rowChanged : .rowMoved, seq...seq, AuditFinding.RowName(row), detail: detail)
        }
        for (row, home) in zip(misplaced, homes(positions)) {
            guard let home else {
                let before = max(0, row.seq - 1)
                note(.linkBroken, before...row.seq, row.before, detail: "followed by row \(row.name.id)")
                continue
            }
            guard home != row.seq else { continue }
            note(.rowMoved, row.seq...row.seq, row.name, detail: "it belongs at position \(home)")
        }
        findings.sort { ($0.positions?.lowerBound ?? .max) < ($1.positions?.lowerBound ?? .max) }
    }

    /// The positions at which the misplaced rows were sealed, in their order: each is the one after the row that it
    /// follows. A loop with known results, since all rows of a day may be misplaced.
    private func homes(_ positions: [String: Int64]) -> [Int64?] {
        let places = Dictionary(
            misplaced.indices.map { (misplaced[$0].hash, $0) }, uniquingKeysWith: { first, _ in first })
        var homes = [Int64?](repeating: nil, count: misplaced.count)
        var isKnown = [Bool](repeating: false, count: misplaced.count)
        for start in misplaced.indices where !isKnown[start] {
            // From the row to the one that it follows, and so on, up to one whose position is known.
            var walk = [start]
            var home: Int64?
            while let index = walk.last {
                let previous = misplaced[index].previousHash
                if starts.contains(previous) {
                    home = 1
                    break
                }
                guard let other = places[previous], walk.count < misplaced.count else {
                    home = positions[previous].map { $0 &+ 1 }
                    break
                }
                if isKnown[other] {
                    home = homes[other].map { $0 &+ 1 }
                    break
                }
                walk.append(other)
            }
            for index in walk.reversed() {
                homes[index] = home
                isKnown[index] = true
                home = home.map { $0 &+ 1 }
            }
        }
        return homes
    }

    private func follows(_ previous: String) -> Bool {
        lastHash.map { $0 == previous } ?? starts.contains(previous)
    }

    private mutating func noteGap(upTo seq: Int64) {
        guard seq > position + 1 else { return }
        note(.rowRemoved, position + 1...seq - 1, nil)
    }

    private mutating func note(
        _ kind: AuditFinding.Kind, _ positions: ClosedRange<Int64>?, _ row: AuditFinding.RowName?,
        detail: String? = nil
    ) {
        findings.append(AuditFinding(kind, day: day, positions: positions, row: row, detail: detail))
    }
}

/// What the signature of a head is worth.
enum HeadTrust: Sendable, Hashable {
    case signed
    /// The head, or the public key of its id, is not what was signed.
    case changed
    /// The key is not in `audit_keys`, or it is not this process's key although that one was in use already.
    case unknownKey
}
