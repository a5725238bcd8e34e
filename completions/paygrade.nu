module completions {

  def "nu-complete paygrade target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade color" [] {
    [ "auto" "always" "never" ]
  }

  # Billing administration from the command line for SaaS products on Stripe
  export extern paygrade [
    --target: string@"nu-complete paygrade target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete paygrade alerts target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade alerts output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade alerts color" [] {
    [ "auto" "always" "never" ]
  }

  # Who is told what, and whether it got there
  export extern "paygrade alerts" [
    --target: string@"nu-complete paygrade alerts target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade alerts output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade alerts color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade alerts list audience" [] {
    [ "operator" "customer" ]
  }

  def "nu-complete paygrade alerts list target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade alerts list output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade alerts list color" [] {
    [ "auto" "always" "never" ]
  }

  # List notices, newest first, with where they were sent
  export extern "paygrade alerts list" [
    --customer: string        # About this customer only
    --kind: string            # Of this kind only, such as cap or payment_failed
    --audience: string@"nu-complete paygrade alerts list audience" # For this audience only
    --since: string           # Written at this date or instant or later
    --open                    # Only what some sink has not got yet
    --limit: string           # Most notices to list
    --target: string@"nu-complete paygrade alerts list target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade alerts list output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade alerts list color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade alerts run target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade alerts run output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade alerts run color" [] {
    [ "auto" "always" "never" ]
  }

  # Find what has to be told, write it down once, and send what is not sent yet
  export extern "paygrade alerts run" [
    --retry                   # Also send again what was given up, or may have arrived, in the last week
    --target: string@"nu-complete paygrade alerts run target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade alerts run output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade alerts run color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade alerts test target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade alerts test output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade alerts test color" [] {
    [ "auto" "always" "never" ]
  }

  # Send a test message to every sink, or to one
  export extern "paygrade alerts test" [
    --sink: string            # This sink only
    --target: string@"nu-complete paygrade alerts test target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade alerts test output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade alerts test color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade allow target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade allow output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade allow color" [] {
    [ "auto" "always" "never" ]
  }

  # Ask whether a customer may do something now
  export extern "paygrade allow" [
    --meter: string           # So many units of a meter
    --feature: string         # A feature of the tier
    --limit: string           # So many in all of what a limit counts
    --action: string          # An action, at its price in credits
    --credits: string         # So many credits
    --target: string@"nu-complete paygrade allow target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade allow output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade allow color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
  ]

  def "nu-complete paygrade audit target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade audit output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade audit color" [] {
    [ "auto" "always" "never" ]
  }

  # The chain of what was done and posted, each row sealed over all before it
  export extern "paygrade audit" [
    --target: string@"nu-complete paygrade audit target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade audit output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade audit color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade audit list kind" [] {
    [ "run" "assignment" "posting" "lot" "entry" "finding" "store" ]
  }

  def "nu-complete paygrade audit list target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade audit list output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade audit list color" [] {
    [ "auto" "always" "never" ]
  }

  # List rows of the chain, oldest first
  export extern "paygrade audit list" [
    --run: string             # Of this run only
    --kind: string@"nu-complete paygrade audit list kind" # Of this kind only
    --limit: string           # Most rows to list: the newest
    --target: string@"nu-complete paygrade audit list target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade audit list output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade audit list color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade audit verify target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade audit verify output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade audit verify color" [] {
    [ "auto" "always" "never" ]
  }

  # Read the whole chain and name the first row that somebody changed
  export extern "paygrade audit verify" [
    --pinned: string          # A hash that must be one of the chain's: 64 hexadecimal digits
    --target: string@"nu-complete paygrade audit verify target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade audit verify output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade audit verify color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade bench jobs" [] {
    [ "import" "export" "record" "push" "reconcile" "start" ]
  }

  def "nu-complete paygrade bench against" [] {
    [ "sqlite3" "duckdb" "python" "postgres" ]
  }

  def "nu-complete paygrade bench target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade bench output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade bench color" [] {
    [ "auto" "always" "never" ]
  }

  # Measure how fast each job runs here, beside other programs that do the same
  export extern "paygrade bench" [
    --quick                   # Small sizes: a look in about a minute. Goals are shown and not judged
    --against: string@"nu-complete paygrade bench against" # Which peers to run beside, where they are on this machine
    --rounds: string          # How often each contestant works
    --events: string          # Events of the largest file [default: 10000000, with --quick 100000]
    --customers: string       # Customers [default: 2000, with --quick 50]
    --dir: path               # Make the folder in this one, on the disk that is to be measured [default: the system's for temporary files]
    --target: string@"nu-complete paygrade bench target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade bench output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade bench color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    ...jobs: string@"nu-complete paygrade bench jobs" # What to measure [default: everything]
  ]

  def "nu-complete paygrade catalog target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade catalog output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade catalog color" [] {
    [ "auto" "always" "never" ]
  }

  # Check and show the catalog file, or make one from what Stripe holds
  export extern "paygrade catalog" [
    --target: string@"nu-complete paygrade catalog target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade catalog output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade catalog color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade catalog check target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade catalog check output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade catalog check color" [] {
    [ "auto" "always" "never" ]
  }

  # Report every fault of the catalog file, offline
  export extern "paygrade catalog check" [
    --target: string@"nu-complete paygrade catalog check target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade catalog check output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade catalog check color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    file?: path               # Catalog file [default: that of the settings]
  ]

  def "nu-complete paygrade catalog show target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade catalog show output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade catalog show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show tiers with their terms
  export extern "paygrade catalog show" [
    --target: string@"nu-complete paygrade catalog show target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade catalog show output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade catalog show color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    tier?: string             # Only this tier
  ]

  def "nu-complete paygrade catalog pull target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade catalog pull output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade catalog pull color" [] {
    [ "auto" "always" "never" ]
  }

  # Write a catalog file from what Stripe holds
  export extern "paygrade catalog pull" [
    --out: path               # The file to write [default: standard output]; one that is there is written over with --yes only
    --namespace: string       # The namespace of our objects [default: that of the store, of the catalog file, or the only one in the account]
    --adopt                   # Take products that somebody made by hand: they get our marks and stay what they are
    --target: string@"nu-complete paygrade catalog pull target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade catalog pull output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade catalog pull color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade catalog templates target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade catalog templates output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade catalog templates color" [] {
    [ "auto" "always" "never" ]
  }

  # List the templates of `init`, or print one
  export extern "paygrade catalog templates" [
    --target: string@"nu-complete paygrade catalog templates target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade catalog templates output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade catalog templates color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    name?: string             # Print this template
  ]

  def "nu-complete paygrade completions shell" [] {
    [ "bash" "elvish" "fish" "nushell" "powershell" "zsh" ]
  }

  def "nu-complete paygrade completions target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade completions output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade completions color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the completion script of a shell
  export extern "paygrade completions" [
    --target: string@"nu-complete paygrade completions target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade completions output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade completions color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete paygrade completions shell" # bash, elvish, fish, nushell, powershell or zsh
  ]

  def "nu-complete paygrade credits target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits color" [] {
    [ "auto" "always" "never" ]
  }

  # What customers may spend, and what became of it
  export extern "paygrade credits" [
    --target: string@"nu-complete paygrade credits target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade credits grant kind" [] {
    [ "bonus" "purchase" "refund" "opening" "trial" "subscription_allocation" ]
  }

  def "nu-complete paygrade credits grant target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits grant output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits grant color" [] {
    [ "auto" "always" "never" ]
  }

  # Give credits to a customer
  export extern "paygrade credits grant" [
    --reason: string          # Why, for whoever reads the ledger later
    --kind: string@"nu-complete paygrade credits grant kind" # Where the credits come from: it decides which are spent first
    --expires: string         # When they end: a date, an instant, or a length of time such as "30 days" [default: never]
    --key: string             # One effect for each key: the same call again gets the first answer
    --target: string@"nu-complete paygrade credits grant target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits grant output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits grant color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
    credits: string           # How many credits
  ]

  def "nu-complete paygrade credits consume target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits consume output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits consume color" [] {
    [ "auto" "always" "never" ]
  }

  # Spend credits of a customer: all that are asked for, or none
  export extern "paygrade credits consume" [
    --action: string          # What this action costs by the catalog that was applied last
    --key: string             # One effect for each key: the same call again gets the first answer
    --target: string@"nu-complete paygrade credits consume target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits consume output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits consume color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
    credits?: string          # How many credits
  ]

  def "nu-complete paygrade credits hold target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits hold output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits hold color" [] {
    [ "auto" "always" "never" ]
  }

  # Reserve credits of a customer for a while: all that are asked for, or none
  export extern "paygrade credits hold" [
    --action: string          # What this action costs by the catalog that was applied last
    --for: string             # How long, such as 90s, 15m, 2h, 3d
    --key: string             # One effect for each key: the same call again gets the first answer
    --target: string@"nu-complete paygrade credits hold target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits hold output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits hold color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
    credits?: string          # How many credits
  ]

  def "nu-complete paygrade credits settle target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits settle output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits settle color" [] {
    [ "auto" "always" "never" ]
  }

  # Spend what a hold reserves, or a part of it: the rest is released
  export extern "paygrade credits settle" [
    --target: string@"nu-complete paygrade credits settle target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits settle output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits settle color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    hold: string              # Number of the hold
    credits?: string          # How many credits; the rest is released [default: all that it holds]
  ]

  def "nu-complete paygrade credits release target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits release output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits release color" [] {
    [ "auto" "always" "never" ]
  }

  # Make what a hold reserves available again
  export extern "paygrade credits release" [
    --target: string@"nu-complete paygrade credits release target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits release output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits release color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    hold: string              # Number of the hold
  ]

  def "nu-complete paygrade credits refund target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits refund output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits refund color" [] {
    [ "auto" "always" "never" ]
  }

  # Give back what a usage entry spent, once
  export extern "paygrade credits refund" [
    --reason: string          # Why, for whoever reads the ledger later
    --expires: string         # When the credits end [default: as those that were spent, or never where these are over]
    --target: string@"nu-complete paygrade credits refund target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits refund output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits refund color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    entry: string             # Number of the usage entry, from `credits history`
  ]

  def "nu-complete paygrade credits revoke target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits revoke output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits revoke color" [] {
    [ "auto" "always" "never" ]
  }

  # Take credits back from a customer or from one lot
  export extern "paygrade credits revoke" [
    --lot: string             # From this lot
    --reason: string          # Why, for whoever reads the ledger later
    --key: string             # One effect for each key: the same call again gets the first answer
    --target: string@"nu-complete paygrade credits revoke target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits revoke output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits revoke color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    ...what: string           # The customer's own id, and how many credits: those go first that would be spent last. With --lot only how many
  ]

  def "nu-complete paygrade credits expire target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits expire output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits expire color" [] {
    [ "auto" "always" "never" ]
  }

  # Write off lots and release holds whose time is over
  export extern "paygrade credits expire" [
    --target: string@"nu-complete paygrade credits expire target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits expire output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits expire color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade credits allocate target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits allocate output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits allocate color" [] {
    [ "auto" "always" "never" ]
  }

  # Post the credits that come with each month of a tier, where they are due
  export extern "paygrade credits allocate" [
    --all                     # Everybody who is on a tier
    --in-doubt                # Those too that a ledger which was lost may have given: you say that it had not
    --reason: string          # Why, for the record
    --target: string@"nu-complete paygrade credits allocate target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits allocate output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits allocate color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer?: string         # The customer's own id
  ]

  def "nu-complete paygrade credits sell target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits sell output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits sell color" [] {
    [ "auto" "always" "never" ]
  }

  # Sell a pack of credits: on a hosted page, or by an invoice
  export extern "paygrade credits sell" [
    --checkout                # Paid on Stripe's hosted page
    --invoice                 # Paid by an invoice
    --success-url: string     # Where the customer lands after paying on the hosted page; needed outside the local Stripe
    --days-until-due: string  # Days until the invoice is due
    --wait: string            # Wait so many seconds for the payment, then grant
    --key: string             # One sale for each key: the same call again shows the same sale
    --target: string@"nu-complete paygrade credits sell target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits sell output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits sell color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
    pack: string              # The pack, by its key in the catalog
  ]

  def "nu-complete paygrade credits stripe-grant category" [] {
    [ "promotional" "paid" ]
  }

  def "nu-complete paygrade credits stripe-grant target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits stripe-grant output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits stripe-grant color" [] {
    [ "auto" "always" "never" ]
  }

  # Give money at Stripe that is taken off metered bills
  export extern "paygrade credits stripe-grant" [
    --category: string@"nu-complete paygrade credits stripe-grant category" # Whether it was paid for
    --expires: string         # When it ends: a date, an instant, or a length of time such as "30 days" [default: never]
    --reason: string          # Why, for whoever reads it later; its name in the Dashboard
    --key: string             # One grant for each key: the same call again gets the first answer
    --target: string@"nu-complete paygrade credits stripe-grant target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits stripe-grant output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits stripe-grant color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
    amount: string            # How much, in the currency of the catalog, such as 50.00
  ]

  def "nu-complete paygrade credits balance target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits balance output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits balance color" [] {
    [ "auto" "always" "never" ]
  }

  # Show what customers have
  export extern "paygrade credits balance" [
    --target: string@"nu-complete paygrade credits balance target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits balance output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits balance color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer?: string         # The customer's own id [default: everybody who ever had credits]
  ]

  def "nu-complete paygrade credits history target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade credits history output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade credits history color" [] {
    [ "auto" "always" "never" ]
  }

  # List a customer's entries, oldest first, or their sums
  export extern "paygrade credits history" [
    --from: string            # From this date or instant on
    --to: string              # Before this date or instant
    --group-by: string        # Sums instead of entries, by one or more of: kind, action, reason, ref, actor, month, day
    --target: string@"nu-complete paygrade credits history target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade credits history output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade credits history color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
  ]

  def "nu-complete paygrade customer target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade customer output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade customer color" [] {
    [ "auto" "always" "never" ]
  }

  # Who is billed
  export extern "paygrade customer" [
    --target: string@"nu-complete paygrade customer target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade customer output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade customer color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade customer add target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade customer add output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade customer add color" [] {
    [ "auto" "always" "never" ]
  }

  # Make a customer at Stripe, or change one; the same again changes nothing
  export extern "paygrade customer add" [
    --email: string           # Address that invoices go to; needed for a new customer
    --name: string            # Name for people
    --payment-method: string  # Attach this payment method and charge it by default (targets local and test)
    --target: string@"nu-complete paygrade customer add target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade customer add output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade customer add color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    id: string                # Your own id of the customer
  ]

  def "nu-complete paygrade customer list target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade customer list output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade customer list color" [] {
    [ "auto" "always" "never" ]
  }

  # List customers with what they are on
  export extern "paygrade customer list" [
    --tier: string            # Only those on this tier
    --target: string@"nu-complete paygrade customer list target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade customer list output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade customer list color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade customer show target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade customer show output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade customer show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show one customer, with every tier that it was on
  export extern "paygrade customer show" [
    --target: string@"nu-complete paygrade customer show target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade customer show output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade customer show color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    id: string                # The customer's own id
  ]

  def "nu-complete paygrade customer import target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade customer import output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade customer import color" [] {
    [ "auto" "always" "never" ]
  }

  # Add the customers of a CSV file; importing it again changes nothing
  export extern "paygrade customer import" [
    --map: string             # Our columns (id, email, name) and the file's: ours=theirs[,...]
    --target: string@"nu-complete paygrade customer import target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade customer import output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade customer import color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    file: path                # CSV file, or - for standard input
  ]

  def "nu-complete paygrade customer link target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade customer link output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade customer link color" [] {
    [ "auto" "always" "never" ]
  }

  # Take over a customer that Stripe has already
  export extern "paygrade customer link" [
    --target: string@"nu-complete paygrade customer link target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade customer link output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade customer link color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    id: string                # Your own id of the customer
    cus: string               # Stripe's id of the customer, cus_...
  ]

  def "nu-complete paygrade customer prefs target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade customer prefs output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade customer prefs color" [] {
    [ "auto" "always" "never" ]
  }

  # Say what a customer wants to be told, and where
  export extern "paygrade customer prefs" [
    --mute: string            # Nothing of this kind any more (repeat it for several)
    --unmute: string          # Of this kind again
    --only: string            # Nothing else than these kinds
    --email: string           # Where mail goes, instead of the billing address
    --reset                   # Everything again, at the billing address
    --target: string@"nu-complete paygrade customer prefs target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade customer prefs output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade customer prefs color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    id: string                # The customer's own id
  ]

  def "nu-complete paygrade demo target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade demo output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade demo color" [] {
    [ "auto" "always" "never" ]
  }

  # Run the main job end to end on the local Stripe, in a folder of its own
  export extern "paygrade demo" [
    --keep: path              # Leave everything in this folder, which must not exist yet
    --target: string@"nu-complete paygrade demo target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade demo output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade demo color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade doctor target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade doctor output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade doctor color" [] {
    [ "auto" "always" "never" ]
  }

  # Check everything that must hold: store, invariants, settings, key, account, clock
  export extern "paygrade doctor" [
    --offline                 # Ask Stripe nothing
    --target: string@"nu-complete paygrade doctor target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade doctor output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade doctor color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade explain target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade explain output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade explain color" [] {
    [ "auto" "always" "never" ]
  }

  # Explain one customer: tier, limits, use, credits, deliveries, invoices, webhooks, and the first broken link
  export extern "paygrade explain" [
    --offline                 # Do not ask Stripe
    --target: string@"nu-complete paygrade explain target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade explain output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade explain color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    reference: string         # Whom or what
  ]

  def "nu-complete paygrade export what" [] {
    [ "usage" "deliveries" "ledger" "invoices" "customers" "findings" "audit" "all" ]
  }

  def "nu-complete paygrade export format" [] {
    [ "hledger" ]
  }

  def "nu-complete paygrade export target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade export output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade export color" [] {
    [ "auto" "always" "never" ]
  }

  # Export usage events, deliveries, the credits ledger, invoices, customers, findings, the audit chain, or all of it
  export extern "paygrade export" [
    --out: path               # The file to write, readable by its owner only [default: standard output]; of `all` the folder, with a manifest
    --format: string@"nu-complete paygrade export format" # The ledger as a journal of another accounting tool, which can check it
    --customer: string        # Of this customer only
    --meter: string           # Of this meter only
    --from: string            # Not before this instant
    --to: string              # Before this instant
    --group-by: string        # Sums of usage in place of events, by any of customer, meter, action, user and one of hour, day, month (in UTC)
    --columns: string         # Only these columns, in this order; what else a usage event has is not even read
    --pii                     # Names and e-mail addresses of customers too; noted as a run
    --target: string@"nu-complete paygrade export target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade export output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade export color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    what: string@"nu-complete paygrade export what" # What to export
  ]

  def "nu-complete paygrade init template" [] {
    [ "overage" "payg-hybrid" "gateway" "credits" "seats" ]
  }

  def "nu-complete paygrade init target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade init output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade init color" [] {
    [ "auto" "always" "never" ]
  }

  # Write paygrade.toml, catalog.toml and .gitignore into this folder
  export extern "paygrade init" [
    --template: string@"nu-complete paygrade init template" # Which catalog to start from
    --namespace: string       # The namespace that marks all objects in Stripe as yours [default: the template's]
    --target: string@"nu-complete paygrade init target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade init output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade init color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade invoice target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade invoice output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade invoice color" [] {
    [ "auto" "always" "never" ]
  }

  # What Stripe bills, and drafts that are kept open
  export extern "paygrade invoice" [
    --target: string@"nu-complete paygrade invoice target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade invoice output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade invoice color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade invoice list target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade invoice list output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade invoice list color" [] {
    [ "auto" "always" "never" ]
  }

  # List invoices as Stripe has them, newest first
  export extern "paygrade invoice list" [
    --customer: string        # Of this customer only
    --draft                   # Drafts only
    --target: string@"nu-complete paygrade invoice list target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade invoice list output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade invoice list color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade invoice hold target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade invoice hold output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade invoice hold color" [] {
    [ "auto" "always" "never" ]
  }

  # Keep a draft open, so that usage that is on its way is still billed on it
  export extern "paygrade invoice hold" [
    --customer: string        # All drafts of this customer's subscriptions
    --reason: string          # Why, for the record
    --target: string@"nu-complete paygrade invoice hold target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade invoice hold output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade invoice hold color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    invoice?: string          # The invoice: in_…
  ]

  def "nu-complete paygrade invoice release target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade invoice release output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade invoice release color" [] {
    [ "auto" "always" "never" ]
  }

  # Let Stripe go on with an invoice that was held
  export extern "paygrade invoice release" [
    --customer: string        # All drafts of this customer's subscriptions
    --reason: string          # Why, for the record
    --target: string@"nu-complete paygrade invoice release target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade invoice release output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade invoice release color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    invoice?: string          # The invoice: in_…
  ]

  def "nu-complete paygrade local target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade local output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade local color" [] {
    [ "auto" "always" "never" ]
  }

  # The local Stripe: serve it, look at it, move its clock, make it fail
  export extern "paygrade local" [
    --target: string@"nu-complete paygrade local target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade local output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade local color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade local serve target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade local serve output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade local serve color" [] {
    [ "auto" "always" "never" ]
  }

  # Run it as a server that other commands and official SDKs can use, until interrupted
  export extern "paygrade local serve" [
    --port: string            # Port on 127.0.0.1; 0 takes a free one
    --state: path             # State files begin with this path [default: .paygrade/local]
    --target: string@"nu-complete paygrade local serve target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade local serve output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade local serve color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade local status target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade local status output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade local status color" [] {
    [ "auto" "always" "never" ]
  }

  # Show account, clock, objects, settings and faults
  export extern "paygrade local status" [
    --target: string@"nu-complete paygrade local status target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade local status output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade local status color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade local advance target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade local advance output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade local advance color" [] {
    [ "auto" "always" "never" ]
  }

  # Let time pass: renewals, invoices and the like happen on the way
  export extern "paygrade local advance" [
    --to: string              # Freeze the clock at this instant
    --by: string              # Freeze the clock so much later, such as 90m, 36h or 31d
    --real                    # Let the clock run with the machine's
    --target: string@"nu-complete paygrade local advance target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade local advance output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade local advance color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade local fault kind" [] {
    [ "refuse-before" "hang-up-before" "hang-up-after-commit" "respond-after-commit" "duplicate" "delay" "reorder" "truncate" "lose-meter-event" "fail-meter-event" "slow" ]
  }

  def "nu-complete paygrade local fault target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade local fault output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade local fault color" [] {
    [ "auto" "always" "never" ]
  }

  # Make requests fail on purpose
  export extern "paygrade local fault" [
    --method: string          # Only requests with this method
    --path: string            # Only requests to this path; * stands for any text; `webhook:invoice.*` is a delivery of such an event [default: *; of lose- and fail-meter-event where meter events go]
    --customer: string        # Only requests that name this cus_ id
    --event-name: string      # Only meter events of this name
    --identifier: string      # Only the meter event with this identifier
    --nth: string             # Meet the nth matching request first
    --times: string           # Meet so many requests
    --status: string          # Status of a refusal
    --code: string            # Stripe's error code of a refusal, or of what is wrong with a meter event
    --amount: string          # Milliseconds (delay, slow) or bytes (truncate)
    --clear                   # Remove all faults
    --target: string@"nu-complete paygrade local fault target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade local fault output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade local fault color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    kind?: string@"nu-complete paygrade local fault kind" # What goes wrong; without it the faults are listed
  ]

  def "nu-complete paygrade local pay later" [] {
    [ "succeeded" "failed" ]
  }

  def "nu-complete paygrade local pay target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade local pay output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade local pay color" [] {
    [ "auto" "always" "never" ]
  }

  # Pay as the customer at a hosted page: a Checkout session, or an open invoice
  export extern "paygrade local pay" [
    --card: string            # Test card or payment method to pay with [default: pm_card_visa where anything is due]
    --async: string@"nu-complete paygrade local pay later" # The bank answers later; the session is complete and unpaid until then
    --after: string           # How much later [default: 1d]
    --email: string           # E-mail address that a new customer types in
    --name: string            # Name that a new customer types in
    --code: string            # Promotion code that the customer types in
    --target: string@"nu-complete paygrade local pay target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade local pay output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade local pay color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    id: string                # The Checkout session (cs_…) or the open invoice (in_…)
  ]

  def "nu-complete paygrade local deliver target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade local deliver output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade local deliver color" [] {
    [ "auto" "always" "never" ]
  }

  # Make webhook deliveries that are due, or have an event delivered again
  export extern "paygrade local deliver" [
    --resend: string          # Queue this evt_ once more first, for every endpoint that wants its type
    --target: string@"nu-complete paygrade local deliver target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade local deliver output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade local deliver color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade local endpoint target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade local endpoint output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade local endpoint color" [] {
    [ "auto" "always" "never" ]
  }

  # Show webhook endpoints, or make one
  export extern "paygrade local endpoint" [
    --events: string          # Types of events, with commas between [default: all]
    --remove: string          # Remove the endpoint with this we_ id
    --target: string@"nu-complete paygrade local endpoint target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade local endpoint output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade local endpoint color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    url?: string              # Where events are posted to, such as http://127.0.0.1:4242/; without it the endpoints are listed
  ]

  def "nu-complete paygrade local reset target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade local reset output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade local reset color" [] {
    [ "auto" "always" "never" ]
  }

  # Throw everything away and begin a new account
  export extern "paygrade local reset" [
    --target: string@"nu-complete paygrade local reset target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade local reset output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade local reset color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade man target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade man output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade man color" [] {
    [ "auto" "always" "never" ]
  }

  # Print the manual page (roff)
  export extern "paygrade man" [
    --target: string@"nu-complete paygrade man target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade man output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade man color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade meter target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade meter output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade meter color" [] {
    [ "auto" "always" "never" ]
  }

  # Get recorded usage to Stripe's meters, exactly once in effect
  export extern "paygrade meter" [
    --target: string@"nu-complete paygrade meter target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade meter output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade meter color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade meter push target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade meter push output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade meter push color" [] {
    [ "auto" "always" "never" ]
  }

  # Form deliveries from recorded usage and send what is due
  export extern "paygrade meter push" [
    --customer: string        # Of this customer only
    --meter: string           # Of this meter only
    --max: string             # Most deliveries to send
    --pace: string            # Most to send in a second, below Stripe's own limit, which always holds: leaves room for other programs
    --target: string@"nu-complete paygrade meter push target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade meter push output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade meter push color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade meter status target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade meter status output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade meter status color" [] {
    [ "auto" "always" "never" ]
  }

  # Show deliveries by meter and state, with the money of what is not at Stripe
  export extern "paygrade meter status" [
    --meter: string           # Of this meter only
    --target: string@"nu-complete paygrade meter status target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade meter status output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade meter status color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade meter retry target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade meter retry output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade meter retry color" [] {
    [ "auto" "always" "never" ]
  }

  # Send again, or move into the open period, what was rejected or came late
  export extern "paygrade meter retry" [
    --into-open-period        # Bill what came too late in the period that is open now
    --reason: string          # Why, for the record
    --target: string@"nu-complete paygrade meter retry target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade meter retry output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade meter retry color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    ...deliveries: string     # Deliveries, by number
  ]

  def "nu-complete paygrade meter cancel target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade meter cancel output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade meter cancel color" [] {
    [ "auto" "always" "never" ]
  }

  # Take deliveries back at Stripe that it accepted within the last day
  export extern "paygrade meter cancel" [
    --reason: string          # Why, for the record
    --target: string@"nu-complete paygrade meter cancel target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade meter cancel output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade meter cancel color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    ...deliveries: string     # Deliveries, by number
  ]

  def "nu-complete paygrade meter settle word" [] {
    [ "accepted" "absent" ]
  }

  def "nu-complete paygrade meter settle target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade meter settle output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade meter settle color" [] {
    [ "auto" "always" "never" ]
  }

  # Say of an unknown delivery whether Stripe has it
  export extern "paygrade meter settle" [
    --reason: string          # How you know, for the record
    --target: string@"nu-complete paygrade meter settle target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade meter settle output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade meter settle color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    delivery: string          # The delivery, by number
    word: string@"nu-complete paygrade meter settle word" # accepted: Stripe has it; absent: it never arrived and is sent again
  ]

  def "nu-complete paygrade meter list target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade meter list output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade meter list color" [] {
    [ "auto" "always" "never" ]
  }

  # List deliveries
  export extern "paygrade meter list" [
    --customer: string        # Of this customer only
    --meter: string           # Of this meter only
    --state: string           # In this state only
    --limit: string           # Most deliveries to list
    --target: string@"nu-complete paygrade meter list target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade meter list output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade meter list color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade reconcile by" [] {
    [ "period" "hour" ]
  }

  def "nu-complete paygrade reconcile through" [] {
    [ "meter" "invoice" ]
  }

  def "nu-complete paygrade reconcile target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade reconcile output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade reconcile color" [] {
    [ "auto" "always" "never" ]
  }

  # Compare what was recorded, what was sent and what Stripe counted
  export extern "paygrade reconcile" [
    --period: string          # Which billing periods: current, last, or a month such as 2026-10 [default: those that changed]
    --from: string            # From this minute on
    --to: string              # Up to this minute, exclusive
    --customer: string        # Of this customer only
    --meter: string           # Of this meter only
    --threshold: string       # Let a period pass whose difference is within so many percent of what Stripe accepted
    --floor: string           # Let a period pass whose difference is within so many units
    --by: string@"nu-complete paygrade reconcile by" # Compare every hour instead of the sum of each period: shows differences that cancel out
    --through: string@"nu-complete paygrade reconcile through" # How far usage is followed: to Stripe's meters, or on to the lines of the invoices, of the last period that is over unless --period or --from and --to name another [default: both with --period last or a month that is over]
    --full                    # Every linked customer with every meter, also those without usage here; goes on where a run that stopped left off
    --restart                 # With --full: begin anew where a run that stopped would be gone on with
    --max-calls: string       # Most calls to Stripe
    --target: string@"nu-complete paygrade reconcile target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade reconcile output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade reconcile color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade reconcile usage by" [] {
    [ "period" "hour" ]
  }

  def "nu-complete paygrade reconcile usage through" [] {
    [ "meter" "invoice" ]
  }

  def "nu-complete paygrade reconcile usage target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade reconcile usage output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade reconcile usage color" [] {
    [ "auto" "always" "never" ]
  }

  # Usage, deliveries and Stripe's sums: what `reconcile` alone compares
  export extern "paygrade reconcile usage" [
    --period: string          # Which billing periods: current, last, or a month such as 2026-10 [default: those that changed]
    --from: string            # From this minute on
    --to: string              # Up to this minute, exclusive
    --customer: string        # Of this customer only
    --meter: string           # Of this meter only
    --threshold: string       # Let a period pass whose difference is within so many percent of what Stripe accepted
    --floor: string           # Let a period pass whose difference is within so many units
    --by: string@"nu-complete paygrade reconcile usage by" # Compare every hour instead of the sum of each period: shows differences that cancel out
    --through: string@"nu-complete paygrade reconcile usage through" # How far usage is followed: to Stripe's meters, or on to the lines of the invoices, of the last period that is over unless --period or --from and --to name another [default: both with --period last or a month that is over]
    --full                    # Every linked customer with every meter, also those without usage here; goes on where a run that stopped left off
    --restart                 # With --full: begin anew where a run that stopped would be gone on with
    --max-calls: string       # Most calls to Stripe
    --target: string@"nu-complete paygrade reconcile usage target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade reconcile usage output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade reconcile usage color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade reconcile tiers target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade reconcile tiers output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade reconcile tiers color" [] {
    [ "auto" "always" "never" ]
  }

  # Every customer both ways: tier, status, items, seats, periods, duplicate subscriptions
  export extern "paygrade reconcile tiers" [
    --customer: string        # Of this customer only
    --target: string@"nu-complete paygrade reconcile tiers target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade reconcile tiers output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade reconcile tiers color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade reconcile credits target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade reconcile credits output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade reconcile credits color" [] {
    [ "auto" "always" "never" ]
  }

  # The credits ledger: its sums, what is due and not posted, payments without grants and grants without payments
  export extern "paygrade reconcile credits" [
    --customer: string        # Of this customer only, and of all time
    --since: string           # Payments that were begun at this instant or later [default: of ninety days]
    --target: string@"nu-complete paygrade reconcile credits target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade reconcile credits output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade reconcile credits color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade reconcile catalog target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade reconcile catalog output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade reconcile catalog color" [] {
    [ "auto" "always" "never" ]
  }

  # The catalog file and what is sold at Stripe, as `seed -n` shows it
  export extern "paygrade reconcile catalog" [
    --target: string@"nu-complete paygrade reconcile catalog target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade reconcile catalog output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade reconcile catalog color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade reconcile all target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade reconcile all output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade reconcile all color" [] {
    [ "auto" "always" "never" ]
  }

  # Everything, in one table
  export extern "paygrade reconcile all" [
    --target: string@"nu-complete paygrade reconcile all target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade reconcile all output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade reconcile all color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade reconcile ack target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade reconcile ack output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade reconcile ack color" [] {
    [ "auto" "always" "never" ]
  }

  # Acknowledge a finding: it makes no exit code any more, as long as it stays the same
  export extern "paygrade reconcile ack" [
    --reason: string          # Why, for the record
    --target: string@"nu-complete paygrade reconcile ack target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade reconcile ack output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade reconcile ack color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    finding: string           # The finding, by number
  ]

  def "nu-complete paygrade repair target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade repair output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade repair color" [] {
    [ "auto" "always" "never" ]
  }

  # Mend what `reconcile` found, as far as that is safe
  export extern "paygrade repair" [
    --customer: string        # Of this customer only
    --correct                 # Corrections in money too: usage billed in the open period, items on the next invoice
    --plan-out: path          # Write the plan to this file; nothing is changed
    --plan: path              # Do exactly what this plan says, or nothing
    --reason: string          # Why, for the record
    --target: string@"nu-complete paygrade repair target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade repair output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade repair color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    ...findings: string       # Findings, by number [default: all that are open and not acknowledged]
  ]

  def "nu-complete paygrade report target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade report output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade report color" [] {
    [ "auto" "always" "never" ]
  }

  # What is sold, used and earned, over all customers; from the store alone
  export extern "paygrade report" [
    --target: string@"nu-complete paygrade report target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade report output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade report color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade report overview target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade report overview output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade report overview color" [] {
    [ "auto" "always" "never" ]
  }

  # Everything in a few lines: customers, revenue, usage, what failed and what ended
  export extern "paygrade report overview" [
    --target: string@"nu-complete paygrade report overview target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade report overview output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade report overview color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade report usage period" [] {
    [ "current" "last" ]
  }

  def "nu-complete paygrade report usage target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade report usage output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade report usage color" [] {
    [ "auto" "always" "never" ]
  }

  # Use by meter: within what is included, beyond it, its cost so far and at this pace
  export extern "paygrade report usage" [
    --period: string@"nu-complete paygrade report usage period" # Each customer's own billing period: current or last
    --target: string@"nu-complete paygrade report usage target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade report usage output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade report usage color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade report revenue target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade report revenue output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade report revenue color" [] {
    [ "auto" "always" "never" ]
  }

  # Recurring revenue and usage by tier, and what was invoiced in the last 30 days
  export extern "paygrade report revenue" [
    --target: string@"nu-complete paygrade report revenue target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade report revenue output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade report revenue color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade report upgrades target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade report upgrades output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade report upgrades color" [] {
    [ "auto" "always" "never" ]
  }

  # Who would pay less on another tier, and who comes near the end of what its tier includes
  export extern "paygrade report upgrades" [
    --target: string@"nu-complete paygrade report upgrades target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade report upgrades output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade report upgrades color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade report reprice period" [] {
    [ "last" "current" ]
  }

  def "nu-complete paygrade report reprice target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade report reprice output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade report reprice color" [] {
    [ "auto" "always" "never" ]
  }

  # What recorded usage of a closed period would have cost under another catalog
  export extern "paygrade report reprice" [
    --period: string@"nu-complete paygrade report reprice period" # Each customer's own billing period: last or current
    --target: string@"nu-complete paygrade report reprice target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade report reprice output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade report reprice color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade report html target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade report html output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade report html color" [] {
    [ "auto" "always" "never" ]
  }

  # One page with everything: usage day by day, cost so far and at this pace, trend, revenue
  export extern "paygrade report html" [
    --out: path               # The file to write, readable by its owner only
    --target: string@"nu-complete paygrade report html target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade report html output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade report html color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade runs target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade runs output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade runs color" [] {
    [ "auto" "always" "never" ]
  }

  # What was done, by whom, and how it ended
  export extern "paygrade runs" [
    --target: string@"nu-complete paygrade runs target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade runs output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade runs color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade runs list target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade runs list output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade runs list color" [] {
    [ "auto" "always" "never" ]
  }

  # List runs, newest first
  export extern "paygrade runs list" [
    --command: string         # Of this command only, such as "meter push"
    --limit: string           # Most runs to list
    --target: string@"nu-complete paygrade runs list target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade runs list output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade runs list color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade runs show target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade runs show output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade runs show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show one run
  export extern "paygrade runs show" [
    --target: string@"nu-complete paygrade runs show target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade runs show output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade runs show color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    run: string               # The run's number
  ]

  def "nu-complete paygrade seed fail_on" [] {
    [ "pending" "drift" "any" ]
  }

  def "nu-complete paygrade seed target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade seed output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade seed color" [] {
    [ "auto" "always" "never" ]
  }

  # Make Stripe hold the catalog: products, prices, meters, features
  export extern "paygrade seed" [
    --prune                   # Archive what left the catalog (it is only listed otherwise)
    --adopt                   # Take over objects that hold a key of the catalog but are not marked as ours
    --fail-on: string@"nu-complete paygrade seed fail_on" # Exit 4 when something of this cause is there (with -n) or left (after applying)
    --plan-out: path          # Write the plan to this file and change nothing
    --plan: path              # Apply exactly this plan; refused when Stripe has moved since
    --target: string@"nu-complete paygrade seed target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade seed output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade seed color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade status target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade status output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade status color" [] {
    [ "auto" "always" "never" ]
  }

  # Show what stands where: store, last runs, usage that is not at Stripe with its money, open findings
  export extern "paygrade status" [
    --target: string@"nu-complete paygrade status target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade status output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade status color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade store target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade store output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade store color" [] {
    [ "auto" "always" "never" ]
  }

  # The store file, and which store sends usage
  export extern "paygrade store" [
    --target: string@"nu-complete paygrade store target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade store output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade store color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade store info target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade store info output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade store info color" [] {
    [ "auto" "always" "never" ]
  }

  # Show what the store says of itself: the file, its schema, who sends, how much it holds, its last backup
  export extern "paygrade store info" [
    --check                   # Read the whole file and check its structure; `paygrade doctor` checks what it says as well
    --target: string@"nu-complete paygrade store info target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade store info output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade store info color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade store backup target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade store backup output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade store backup color" [] {
    [ "auto" "always" "never" ]
  }

  # Copy the store into one file, proved before it gets its name
  export extern "paygrade store backup" [
    --out: path               # Folder that it goes to; made when it is not there [default: backups beside the store, or the settings']
    --keep: string            # Backups of this store that stay there, with the new one; older ones are removed [default: all, or the settings']
    --target: string@"nu-complete paygrade store backup target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade store backup output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade store backup color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade store migrate target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade store migrate output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade store migrate color" [] {
    [ "auto" "always" "never" ]
  }

  # Bring a store that an earlier version wrote up to date
  export extern "paygrade store migrate" [
    --out: path               # Folder that the backup goes to [default: as `store backup`]
    --no-backup               # Make no backup, and try nothing on a copy: where there is no room for either
    --target: string@"nu-complete paygrade store migrate target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade store migrate output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade store migrate color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade store restore target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade store restore output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade store restore color" [] {
    [ "auto" "always" "never" ]
  }

  # Put a backup in the place of the store; nothing is sent from it until `store recover`
  export extern "paygrade store restore" [
    --reason: string          # Why, for the record
    --target: string@"nu-complete paygrade store restore target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade store restore output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade store restore color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    file: path                # The backup
  ]

  def "nu-complete paygrade store takeover target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade store takeover output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade store takeover color" [] {
    [ "auto" "always" "never" ]
  }

  # Make this store the one that sends, in the place of another
  export extern "paygrade store takeover" [
    --reason: string          # Why, for the record
    --wait-s: string          # Seconds to wait; fewer only when no other store can be sending any more
    --target: string@"nu-complete paygrade store takeover target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade store takeover output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade store takeover color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade store recover target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade store recover output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade store recover color" [] {
    [ "auto" "always" "never" ]
  }

  # After a takeover or a restore: read back what Stripe knows and holds already, and send again
  export extern "paygrade store recover" [
    --max-calls: string       # Most calls to Stripe: one for each customer and meter, one more for each of their days with usage, and the lists
    --target: string@"nu-complete paygrade store recover target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade store recover output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade store recover color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade store query target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade store query output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade store query color" [] {
    [ "auto" "always" "never" ]
  }

  # Ask the store a question of your own in SQL
  export extern "paygrade store query" [
    --limit: string           # Most rows to show
    --target: string@"nu-complete paygrade store query target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade store query output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade store query color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    sql: string               # One SELECT
  ]

  def "nu-complete paygrade tick if_busy" [] {
    [ "fail" "skip" ]
  }

  def "nu-complete paygrade tick target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade tick output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade tick color" [] {
    [ "auto" "always" "never" ]
  }

  # Do everything that has to be done again and again: run it from cron every 10 minutes
  export extern "paygrade tick" [
    --only: string            # These steps only
    --skip: string            # Not these steps
    --wait: string            # Wait so many seconds for a tick that is running
    --if-busy: string@"nu-complete paygrade tick if_busy" # When another tick is running still: fail (exit 9), or skip this one (exit 0)
    --prometheus: path        # Write metrics to this file, as the textfile collector of Prometheus reads them
    --target: string@"nu-complete paygrade tick target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade tick output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade tick color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade tier target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade tier output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade tier color" [] {
    [ "auto" "always" "never" ]
  }

  # What is sold, and who is on it
  export extern "paygrade tier" [
    --target: string@"nu-complete paygrade tier target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade tier output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade tier color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade tier assign interval" [] {
    [ "month" "year" ]
  }

  def "nu-complete paygrade tier assign target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade tier assign output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade tier assign color" [] {
    [ "auto" "always" "never" ]
  }

  # Put a customer on a tier; the same again changes nothing
  export extern "paygrade tier assign" [
    --interval: string@"nu-complete paygrade tier assign interval" # How often the recurring price is charged [default: the customer's own, else the tier's first]
    --seats: string           # Seats [default: the customer's own, else the tier's fewest]
    --payment-method: string  # Charge this payment method from now on
    --send-invoice: string    # Send invoices by mail, due after so many days
    --trial: string           # Begin with so many days of trial; 0 is none, also where the tier has one
    --coupon: string          # Redeem a coupon, or a promotion code as people type it
    --deal: string            # Terms that were agreed, on a custom tier: a file with the keys of a tier
    --amount: string          # The same in short: this amount for each interval
    --checkout                # Print a hosted page on which the customer subscribes, and return
    --success-url: string     # Where the customer lands after paying; needed outside the local Stripe
    --cancel-url: string      # Where the page's way back leads
    --wait: string            # Wait so many seconds until the page is paid
    --at: string              # now, period-end, or a day such as 2026-12-31 [default: by the direction of the change]
    --drain-timeout: string   # Wait so many seconds until Stripe shows the usage that is sent first
    --forfeit                 # Give up usage that is not at Stripe yet, after its money was named
    --target: string@"nu-complete paygrade tier assign target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade tier assign output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade tier assign color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
    tier: string              # The tier
  ]

  def "nu-complete paygrade tier seats target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade tier seats output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade tier seats color" [] {
    [ "auto" "always" "never" ]
  }

  # Change how many seats a customer has
  export extern "paygrade tier seats" [
    --target: string@"nu-complete paygrade tier seats target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade tier seats output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade tier seats color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
    seats: string             # How many: N, or +N or -N counted from what there is
  ]

  def "nu-complete paygrade tier cancel target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade tier cancel output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade tier cancel color" [] {
    [ "auto" "always" "never" ]
  }

  # End a customer's subscription, at the end of its period unless said otherwise
  export extern "paygrade tier cancel" [
    --at: string              # now, period-end, or a day such as 2026-12-31
    --drain-timeout: string   # Wait so many seconds until Stripe shows the usage that is sent first
    --forfeit                 # Give up usage that is not at Stripe yet, after its money was named
    --target: string@"nu-complete paygrade tier cancel target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade tier cancel output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade tier cancel color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
  ]

  def "nu-complete paygrade tier resume target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade tier resume output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade tier resume color" [] {
    [ "auto" "always" "never" ]
  }

  # Undo a cancellation, or another tier, that waits for its day
  export extern "paygrade tier resume" [
    --target: string@"nu-complete paygrade tier resume target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade tier resume output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade tier resume color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id
  ]

  def "nu-complete paygrade tier migrate target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade tier migrate output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade tier migrate color" [] {
    [ "auto" "always" "never" ]
  }

  # Move subscribers to the terms that are sold now, both bills compared
  export extern "paygrade tier migrate" [
    --from-revision: string   # Only subscribers of this revision, such as pro@3f2a9c01d4e5
    --at: string              # renewal, now, or a day such as 2026-12-31
    --only: path              # Nobody but the customers in this file, an own id a line
    --except: path            # Not the customers in this file
    --limit: string           # Move at most so many in this run
    --undo: string            # Take back what a run of this command did
    --target: string@"nu-complete paygrade tier migrate target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade tier migrate output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade tier migrate color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    tier: string              # The tier
  ]

  def "nu-complete paygrade tier override target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade tier override output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade tier override color" [] {
    [ "auto" "always" "never" ]
  }

  # Raise or lower a limit for one customer, until a day; or list what was agreed
  export extern "paygrade tier override" [
    --until: string           # Until this day or instant, or for so long, such as "30 days" [default: until it is ended]
    --end: string             # End what holds for this limit: the tier's own word counts again (repeat it for several)
    --reason: string          # Why it was agreed; kept with it
    --all                     # Also what no longer holds
    --target: string@"nu-complete paygrade tier override target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade tier override output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade tier override color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer?: string         # The customer's own id; without: what holds for everybody
    ...words: string          # What holds instead: limits.NAME=NUMBER, or =unlimited (several at once)
  ]

  def "nu-complete paygrade tier list target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade tier list output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade tier list color" [] {
    [ "auto" "always" "never" ]
  }

  # List tiers with their subscribers
  export extern "paygrade tier list" [
    --target: string@"nu-complete paygrade tier list target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade tier list output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade tier list color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade tier show target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade tier show output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade tier show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show one tier: its terms, prices and subscribers
  export extern "paygrade tier show" [
    --target: string@"nu-complete paygrade tier show target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade tier show output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade tier show color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    tier: string              # The tier, or one of its revisions such as pro@3f2a9c01d4e5
  ]

  def "nu-complete paygrade usage target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade usage output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade usage color" [] {
    [ "auto" "always" "never" ]
  }

  # Record, import, show and void what customers used
  export extern "paygrade usage" [
    --target: string@"nu-complete paygrade usage target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade usage output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade usage color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade usage record target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade usage record output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade usage record color" [] {
    [ "auto" "always" "never" ]
  }

  # Record that a customer used something
  export extern "paygrade usage record" [
    --id: string              # Your id of the event; recording it again changes nothing
    --at: string              # When it happened [default: now]
    --action: string          # The action that caused it
    --user: string            # The end user who caused it
    --enforce                 # Refuse, and record nothing, where the tier does not allow it
    --target: string@"nu-complete paygrade usage record target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade usage record output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade usage record color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer: string          # The customer's own id, or - to read JSON lines from standard input
    meter?: string            # The meter
    quantity?: string         # Whole units, 1 to 15 digits
  ]

  def "nu-complete paygrade usage import on_error" [] {
    [ "stop" "skip" ]
  }

  def "nu-complete paygrade usage import target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade usage import output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade usage import color" [] {
    [ "auto" "always" "never" ]
  }

  # Import usage from a CSV or NDJSON file, or from standard input
  export extern "paygrade usage import" [
    --map: string             # Which column is what: ours=theirs[,ours=theirs], with ours = id, time, quantity, customer, meter, action, user and theirs a name or a place such as #3
    --customer: string        # The customer of all rows
    --meter: string           # The meter of all rows
    --meters: string          # Several meters in each row: meter=column[,meter=column]
    --totals                  # Rows are totals so far: customer, meter, hour (a whole UTC hour) and total; what is missing of each hour is recorded. All usage of a customer, meter and hour must then come this way
    --allow-lower             # With --totals: a total that is lower than what is recorded takes the difference back
    --tz: string              # Zone of times that name none, such as Europe/Berlin or +02:00 [default: UTC]
    --delimiter: string       # What is between fields: one character, or tab [default: a comma; of .tsv files a tab]
    --source: string          # What rows without ids come from; part of the ids that they get [default: the file's base name without .gz or .zst]
    --on-error: string@"nu-complete paygrade usage import on_error" # What to do with rows that cannot be read
    --rejects: path           # Write the rows that cannot be read to this file: line and reason
    --target: string@"nu-complete paygrade usage import target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade usage import output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade usage import color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    file: path                # The file, or - for standard input
  ]

  def "nu-complete paygrade usage show target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade usage show output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade usage show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show what customers used against what their tier includes
  export extern "paygrade usage show" [
    --meter: string           # This meter only
    --period: string          # current, last or a month such as 2026-10 [default: current]
    --from: string            # Not before this instant
    --to: string              # Before this instant
    --target: string@"nu-complete paygrade usage show target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade usage show output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade usage show color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    customer?: string         # The customer's own id [default: all]
  ]

  def "nu-complete paygrade usage void target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade usage void output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade usage void color" [] {
    [ "auto" "always" "never" ]
  }

  # Void usage that should not have been recorded, by counter-entries
  export extern "paygrade usage void" [
    --import: string          # All that this run recorded
    --meter: string           # The meter, where several have an event of that id
    --reason: string          # Why, for the record
    --target: string@"nu-complete paygrade usage void target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade usage void output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade usage void color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    ...events: string         # Events, by their ids
  ]

  def "nu-complete paygrade webhook target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade webhook output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade webhook color" [] {
    [ "auto" "always" "never" ]
  }

  # What Stripe tells: take events in, keep them, handle them
  export extern "paygrade webhook" [
    --target: string@"nu-complete paygrade webhook target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade webhook output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade webhook color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade webhook listen target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade webhook listen output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade webhook listen color" [] {
    [ "auto" "always" "never" ]
  }

  # Take events in over HTTP, until interrupted
  export extern "paygrade webhook listen" [
    --bind: string            # Address and port; port 0 takes a free one
    --path: string            # The one path that is answered
    --public                  # Let other machines post here (with --bind 0.0.0.0:4242)
    --process                 # Handle events as they come
    --target: string@"nu-complete paygrade webhook listen target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade webhook listen output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade webhook listen color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade webhook ingest target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade webhook ingest output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade webhook ingest color" [] {
    [ "auto" "always" "never" ]
  }

  # Take one event in from a file
  export extern "paygrade webhook ingest" [
    --signature: string       # The value of its Stripe-Signature header
    --fetch                   # Believe only the event's id, and read the event from Stripe: no signature is needed
    --target: string@"nu-complete paygrade webhook ingest target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade webhook ingest output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade webhook ingest color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    file: path                # The body, exactly as it came; - reads standard input
  ]

  def "nu-complete paygrade webhook backfill target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade webhook backfill output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade webhook backfill color" [] {
    [ "auto" "always" "never" ]
  }

  # Read from Stripe what happened: for machines that no webhook reaches, and for what was missed
  export extern "paygrade webhook backfill" [
    --since: string           # What happened from this instant on [default: from where the last backfill ended; at first all of thirty days]
    --process                 # Then handle what waits
    --target: string@"nu-complete paygrade webhook backfill target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade webhook backfill output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade webhook backfill color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade webhook process target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade webhook process output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade webhook process color" [] {
    [ "auto" "always" "never" ]
  }

  # Handle the events that wait
  export extern "paygrade webhook process" [
    --max: string             # Most events
    --target: string@"nu-complete paygrade webhook process target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade webhook process output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade webhook process color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade webhook list target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade webhook list output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade webhook list color" [] {
    [ "auto" "always" "never" ]
  }

  # List events, newest first
  export extern "paygrade webhook list" [
    --type: string            # Of this type; invoice.* is all of a kind
    --since: string           # That happened at this instant or later
    --customer: string        # Of this customer
    --status: string          # That stand so: new, handling, failed, done, dead or ignored
    --limit: string           # Most events to list
    --types                   # List the types that are handled, and what each does
    --target: string@"nu-complete paygrade webhook list target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade webhook list output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade webhook list color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete paygrade webhook show target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade webhook show output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade webhook show color" [] {
    [ "auto" "always" "never" ]
  }

  # Show one event: where it stands, what it did, what it said
  export extern "paygrade webhook show" [
    --raw                     # Print the body as it came, and nothing else
    --target: string@"nu-complete paygrade webhook show target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade webhook show output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade webhook show color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    event: string             # The event, evt_…
  ]

  def "nu-complete paygrade webhook replay target" [] {
    [ "local" "test" "live" ]
  }

  def "nu-complete paygrade webhook replay output" [] {
    [ "table" "json" "ndjson" "csv" "markdown" ]
  }

  def "nu-complete paygrade webhook replay color" [] {
    [ "auto" "always" "never" ]
  }

  # Handle events once more; what they did already is not done twice
  export extern "paygrade webhook replay" [
    --type: string            # Of this type; invoice.* is all of a kind
    --since: string           # That happened at this instant or later
    --customer: string        # Of this customer
    --status: string          # That stand so: new, handling, failed, done, dead or ignored
    --reason: string          # Why, for the record
    --target: string@"nu-complete paygrade webhook replay target" # Where calls go: local, test or live [default: local]
    --config: path            # Settings file [default: paygrade.toml]
    --catalog: path           # Catalog file [default: catalog.toml]
    --store: path             # Store file [default: .paygrade/TARGET.db]
    --output(-o): string@"nu-complete paygrade webhook replay output" # Format of results
    --json                    # Same as --output json
    --no-input                # Never ask; what would need an answer is refused
    --yes                     # Answer yes to questions (not enough for wide commands with --target live)
    --dry-run(-n)             # Show what would be done, with its money, and change nothing
    --quiet(-q)               # Say nothing beside the result
    --verbose(-v)             # Show each call to Stripe
    --color: string@"nu-complete paygrade webhook replay color" # When to colour
    --as: string              # Who runs this, for the record [default: the user's name]
    --ref: string             # A ticket, for the record
    --now: string             # Freeze the local clock at this instant (target local only)
    --confirm-live: string    # The live account that a wide command may change
    --log-file: path          # Write each call to Stripe to this file, as JSON lines without secrets
    --api-base: string        # Another Stripe on a loopback address
    --help(-h)                # Print help (see more with '--help')
    ...events: string         # Events, evt_…
  ]

}

export use completions *
