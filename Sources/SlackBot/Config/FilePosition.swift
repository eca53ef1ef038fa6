import Foundation
import Yams

/// A position in a file; line and column from 1.
struct FilePosition: Sendable, Hashable {
    let line: Int
    let column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }

    init?(_ mark: Mark?) {
        guard let mark else { return nil }
        self.init(mark)
    }
}
