// They wait most of their time, each in a network of its own: a tenth of the processors is used by two at a time.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
